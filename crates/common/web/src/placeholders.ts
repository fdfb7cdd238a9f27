/** What stands in a picture's place: after its colour its blur, until the picture is there. */
import { thumbHashToDataURL } from "thumbhash";
import { all, find } from "./dom";

const PATIENCE_MS = 80; // A picture that the browser has kept is there by then: it shall not flash.

/** Lays the blur under every picture that is still on its way. */
export function blurPictures(within: ParentNode = document): void {
  const coming = all<SVGElement>(".picture-ground[data-thumbhash]", within)
    .map((ground) => ({ ground, image: find<HTMLImageElement>(":scope + picture img", ground.parentNode ?? document) }))
    .filter(({ image }) => image && !image.complete);
  if (coming.length > 0) window.setTimeout(() => coming.forEach(({ ground, image }) => image && blur(ground, image)), PATIENCE_MS);
}

function blur(ground: SVGElement, image: HTMLImageElement): void {
  if (image.complete) return;
  try {
    const bytes = Uint8Array.from(atob(ground.dataset["thumbhash"] ?? ""), (letter) => letter.charCodeAt(0));
    ground.style.backgroundImage = `url(${thumbHashToDataURL(bytes)})`;
  } catch {
    return; // Its colour stands there all the same.
  }
  image.classList.add("is-coming");
  image.addEventListener("load", () => arrive(ground, image), { once: true });
  // Where no picture comes, its words must be readable.
  image.addEventListener("error", () => (ground.remove(), image.classList.remove("is-coming")), { once: true });
}

function arrive(ground: SVGElement, image: HTMLImageElement): void {
  // Decoded first, so that the blur gives way to a picture and not to a blank.
  const show = (): void => {
    image.classList.add("is-arriving");
    image.classList.remove("is-coming");
    const done = (): void => {
      image.classList.remove("is-arriving");
      ground.style.removeProperty("background-image");
    };
    Promise.allSettled(image.getAnimations().map((animation) => animation.finished)).then(done, done);
  };
  image.decode().then(show, show);
}
