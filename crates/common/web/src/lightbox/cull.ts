/** Sorting out photos one by one where somebody works on them: stars by finger or key, the tick, the way to the details. */
import type PhotoSwipe from "photoswipe";
import { all, find } from "../dom";
import { icon } from "./icon";
import type { LinkOf } from "./tools";

/** Asks the page to do something to a photo. */
export const DEED = "photo:deed";

export interface Wish {
  deed: string;
  id: number;
}

/** Whether the photos of this page can be sorted out. */
export const worksHere = (): boolean => find("[data-grid] [data-rating]") !== null;

const MOST = 5;

export function culls(pswp: PhotoSwipe, current: LinkOf): void {
  if (!worksHere()) return;
  const tile = (): HTMLElement | null => current()?.closest<HTMLElement>("[data-photo]") ?? null;
  const rate = (stars: number): void => {
    const id = Number(tile()?.dataset["photo"]);
    if (id) document.dispatchEvent(new CustomEvent<Wish>(DEED, { detail: { deed: `rate-${stars}`, id } }));
  };
  details(pswp, tile);
  starRow(pswp, tile, rate);
  // Not by way of the lightbox, which hears no key before it is wholly open.
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keysAreOn()) return;
    if (/^[0-5]$/.test(event.key)) rate(Number(event.key));
    if (event.key.toLowerCase() === "x") find<HTMLElement>(".pswp__tool--select")?.click();
    if (event.key.toLowerCase() === "i") find<HTMLElement>(".pswp__tool--details")?.click();
  };
  document.addEventListener("keydown", onKey);
  pswp.on("destroy", () => document.removeEventListener("keydown", onKey));
}

function keysAreOn(): boolean {
  try {
    return localStorage.getItem("shortcuts") !== "off";
  } catch {
    return true; // Storage may be forbidden.
  }
}

function details(pswp: PhotoSwipe, tile: () => HTMLElement | null): void {
  pswp.ui?.registerElement({
    name: "details",
    order: 8,
    tagName: "a",
    className: "pswp__button pswp__tool pswp__tool--details",
    onInit: (link) => {
      link.append(icon("info-circle"));
      link.setAttribute("aria-label", "Details");
      link.title = "Details";
      pswp.on("change", () => link.setAttribute("href", find(".tile-more", tile() ?? document)?.getAttribute("href") ?? ""));
    },
  });
}

function starRow(pswp: PhotoSwipe, tile: () => HTMLElement | null, rate: (stars: number) => void): void {
  pswp.ui?.registerElement({
    name: "stars",
    appendTo: "root",
    order: 10,
    className: "pswp__stars",
    onInit: (row) => {
      row.setAttribute("role", "group");
      row.setAttribute("aria-label", "Stars");
      for (let number = 1; number <= MOST; number++) row.append(star(number));
      const now = (): number => Math.floor(Number(tile()?.dataset["rating"] ?? 0));
      const show = (): void => {
        for (const button of all("button", row)) {
          const value = Number(button.dataset["stars"]);
          button.setAttribute("aria-pressed", String(value === now()));
          button.textContent = value <= now() ? "★" : "☆";
        }
      };
      row.addEventListener("click", (event) => {
        const value = Number((event.target as Element).closest<HTMLElement>("button")?.dataset["stars"]);
        // The same star once more takes all of them away.
        if (value) rate(value === now() ? 0 : value);
      });
      pswp.on("change", show);
      const watch = new MutationObserver(show);
      const grid = find("[data-grid]");
      if (grid) watch.observe(grid, { subtree: true, attributes: true, attributeFilter: ["data-rating"] });
      pswp.on("destroy", () => watch.disconnect());
    },
  });
}

function star(number: number): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset["stars"] = String(number);
  button.setAttribute("aria-label", number === 1 ? "1 star" : `${number} stars`);
  return button;
}
