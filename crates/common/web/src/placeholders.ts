/** What stands in a picture's place: after its colour its blur, until the picture is there. */
import { thumbHashToDataURL } from "thumbhash";
import { all } from "./dom";

const PATIENCE_MS = 80; // A picture that the browser has kept is there by then: it shall not flash.

const imageOf = (ground: Element): HTMLImageElement | null | undefined => ground.nextElementSibling?.querySelector("img");

/** Lays the blur under every picture that is still on its way. */
export function blurPictures(within: ParentNode = document): void {
  const coming = all<SVGElement>(".picture-ground[data-thumbhash]", within).filter((ground) => imageOf(ground)?.complete === false);
  if (coming.length > 0) window.setTimeout(() => coming.forEach(blur), PATIENCE_MS);
}

function blur(ground: SVGElement): void {
  const image = imageOf(ground);
  if (!image || image.complete) return;
  try {
    const bytes = Uint8Array.from(atob(ground.dataset["thumbhash"] ?? ""), (letter) => letter.charCodeAt(0));
    ground.style.backgroundImage = `url(${thumbHashToDataURL(bytes)})`;
  } catch {
    return; // Its colour stands there all the same.
  }
  image.classList.add("is-coming");
  image.addEventListener("load", () => arrive(ground, image), { once: true });
  image.addEventListener(
    "error",
    () => {
      // Where no picture comes, its words must be readable.
      ground.remove();
      image.classList.remove("is-coming");
    },
    { once: true },
  );
}

function arrive(ground: SVGElement, image: HTMLImageElement): void {
  const show = (): void => {
    image.classList.replace("is-coming", "is-arriving");
    const done = (): void => {
      image.classList.remove("is-arriving");
      ground.style.removeProperty("background-image");
    };
    void Promise.allSettled(image.getAnimations().map((animation) => animation.finished)).then(done);
  };
  // Decoded first, so that the blur gives way to a picture and not to a blank.
  image.decode().then(show, show);
}
