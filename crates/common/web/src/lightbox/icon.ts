/** Icons out of the page's own file of them. */
import { find } from "../dom";

const SVG = "http://www.w3.org/2000/svg";

/** The address of that file as the page's own icons name it. */
const file = (): string => find("svg.icon use")?.getAttribute("href")?.split("#")[0] ?? "";

export function icon(name: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${file()}#${name}`);
  svg.append(use);
  return svg;
}

export function setIcon(button: Element, name: string): void {
  button.querySelector("use")?.setAttribute("href", `${file()}#${name}`);
}
