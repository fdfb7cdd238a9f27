/** The client's view of a gallery: opens photos, goes on by itself, plays, selects what is to be downloaded. */
import { stretches } from "./client/stretch";
import { selecting } from "./client/select";
import { all, find } from "./dom";

const OLD_LINK = /^#photo-(\d+)$/;

async function open(link: HTMLAnchorElement, play = false): Promise<void> {
  try {
    const { openLightbox } = await import("./lightbox");
    openLightbox(link, false, { more: stretches, play });
  } catch {
    location.assign(link.href); // The script could not be had: the page of the photo can.
  }
}

function opensPhotos(gallery: HTMLElement): void {
  gallery.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>(".tile-link");
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void open(link);
  });
  // Fetched when a photo is about to be opened, so that the click need not wait.
  const warm = (): void => void import("./lightbox").catch(() => undefined);
  for (const sign of ["pointerover", "touchstart", "focusin"] as const) {
    gallery.addEventListener(sign, warm, { once: true, passive: true });
  }
  find("[data-slideshow]")?.addEventListener("click", () => {
    const first = find<HTMLAnchorElement>(".tile-link", gallery);
    if (first) void open(first, true);
  });
}

/** A section that is here already is scrolled to; another one is a page of its own. */
function tabs(): void {
  const links = all<HTMLAnchorElement>("[data-tab]");
  for (const link of links) {
    link.addEventListener("click", (event) => {
      const part = document.getElementById(`section-${link.dataset["tab"]}`);
      if (!part || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      part.scrollIntoView({ block: "start" });
      find<HTMLElement>(".tile-link", part)?.focus({ preventScroll: true });
    });
  }
  if (links.length === 0) return;
  const mark = (): void => {
    const line = innerHeight * 0.4;
    const seen = all(".part").filter((part) => part.getBoundingClientRect().top < line).pop();
    for (const link of links) {
      if (link.dataset["tab"] === seen?.dataset["part"]) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  let waits = false;
  const later = (): void => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      mark();
    });
  };
  addEventListener("scroll", later, { passive: true });
  mark();
}

const gallery = find("[data-gallery]");
if (gallery) {
  selecting(gallery); // First: it may take a click before the lightbox sees it.
  opensPhotos(gallery);
  tabs();
  void stretches.start();
  // Links to one photo used to end like this.
  const named = OLD_LINK.test(location.hash) && !location.search ? find<HTMLAnchorElement>(`${location.hash} .tile-link`) : null;
  if (named) void open(named);
}
