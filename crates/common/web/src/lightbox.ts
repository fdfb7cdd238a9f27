/** The lightbox: keys, swipe, pinch, neighbours loaded ahead, an address for each photo, the tools above it. */
import PhotoSwipe, { type Padding, type SlideData } from "photoswipe";
import { all, find, reducedMotion } from "./dom";
import { closeWhenOpen, keepAddress } from "./lightbox/address";
import { worksHere } from "./lightbox/cull";
import type { More } from "./lightbox/more";
import { tools } from "./lightbox/tools";
import { hasMore, loadMore } from "./more";

const AHEAD = 3; // This close to the end, the next page is fetched.

interface Slide extends SlideData {
  link: HTMLAnchorElement;
}

const links = (): HTMLAnchorElement[] => all<HTMLAnchorElement>("[data-grid] .tile-link");

/** The encodings that this browser chose for tiles: it can show large pictures in them too. */
function chosenTypes(): Set<string> {
  const sources = all<HTMLSourceElement>("[data-grid] picture > source");
  const chosen = sources.filter((source) => {
    const address = find<HTMLImageElement>("img", source.parentElement ?? document)?.currentSrc;
    return address && source.srcset.includes(`${new URL(address).pathname}?`);
  });
  return new Set(chosen.map((source) => source.type));
}

/** The large picture in the first encoding that may be used, else the JPEG. */
function fullOf(link: HTMLAnchorElement, types: Set<string>): string {
  const offered = link.dataset["fullTypes"]?.split(" ") ?? [];
  const at = offered.findIndex((type) => types.has(type));
  return (at >= 0 && offered[at + 1]) || link.dataset["full"] || link.href;
}

function slideOf(link: HTMLAnchorElement, types: Set<string>): Slide {
  const thumb = find<HTMLImageElement>("img", link);
  return {
    link,
    element: link,
    src: fullOf(link, types),
    width: Number(link.dataset["fullWidth"]),
    height: Number(link.dataset["fullHeight"]),
    alt: thumb?.alt ?? "",
    thumbCropped: true,
    ...(thumb?.currentSrc ? { msrc: thumb.currentSrc } : {}),
  };
}

export interface Options {
  /** Where further photos come from; else from the page's own link to more. */
  more?: More;
  /** Whether to go on from photo to photo at once. */
  play?: boolean;
}

/** `linked`: the address already names the photo, so closing clears it instead of going back. */
export function openLightbox(start: HTMLAnchorElement, linked: boolean, options: Options = {}): void {
  if (find(".pswp")) return;
  const more = options.more ?? { has: hasMore, load: loadMore };
  const types = chosenTypes();
  const slidesOf = (some: HTMLAnchorElement[]): Slide[] => some.map((link) => slideOf(link, types));
  const slides = slidesOf(links());
  const index = Math.max(0, slides.findIndex((slide) => slide.link === start));
  const still = reducedMotion();
  const bottom = worksHere() ? 88 : 56; // Room for the stars.
  const fingers = matchMedia("(hover: none)").matches; // They swipe: nothing stands beside the picture.
  const pswp = new PhotoSwipe({
    dataSource: slides,
    index,
    loop: false,
    counter: false,
    bgOpacity: 1,
    preload: [1, 2],
    returnFocus: false,
    showHideAnimationType: still ? "none" : "zoom",
    zoomAnimationDuration: still ? 0 : 260,
    wheelToZoom: true,
    paddingFn: ({ x, y }) => (x < 700 || y < 600 ? around(0, 0, 0) : around(56, bottom, fingers ? 0 : 72)),
    arrowPrevTitle: "Previous photo",
    arrowNextTitle: "Next photo",
    closeTitle: "Close",
    zoomTitle: "Zoom",
    errorMsg: "This picture could not be loaded.",
  });
  pswp.addFilter("thumbEl", (found, data) => (data.element ? (find("img", data.element) ?? found) : found) as HTMLElement);
  const link = (): HTMLAnchorElement | undefined => current(pswp)?.link;
  counter(pswp, more);
  original(pswp);
  tools(pswp, link, options.play ?? false);
  earlyArrows(pswp);
  keepAddress(pswp, link, linked, closeWhenOpen(pswp));
  pswp.on("change", async () => {
    if (pswp.currIndex < slides.length - AHEAD || !more.has()) return;
    if (await more.load()) slides.push(...slidesOf(links().slice(slides.length)));
  });
  pswp.on("firstUpdate", () => {
    pswp.element?.setAttribute("aria-label", "Photo viewer");
    pswp.element?.setAttribute("aria-modal", "true");
  });
  pswp.init();
}

/** PhotoSwipe hears no key before it is wholly open: arrows pressed until then count from there. */
function earlyArrows(pswp: PhotoSwipe): void {
  let steps = 0;
  const onKey = ({ key }: KeyboardEvent): void => {
    steps += Number(key === "ArrowRight") - Number(key === "ArrowLeft");
  };
  const end = (): void => document.removeEventListener("keydown", onKey);
  document.addEventListener("keydown", onKey);
  // The event before this one is PhotoSwipe's own, which still has to settle.
  pswp.on("initialZoomInEnd", () => {
    end();
    const wanted = Math.min(Math.max(pswp.currIndex + steps, 0), pswp.getNumItems() - 1);
    if (wanted !== pswp.currIndex) pswp.goTo(wanted);
  });
  pswp.on("destroy", end);
}

const around = (top: number, bottom: number, sides: number): Padding => ({ top, bottom, left: sides, right: sides });

const current = (pswp: PhotoSwipe): Slide | undefined => pswp.currSlide?.data as Slide | undefined;

/** “4 / 94”: of the whole gallery, also while only its first page is loaded. */
function counter(pswp: PhotoSwipe, more: More): void {
  const fromStart = !new URLSearchParams(location.search).has("after");
  const whole = fromStart ? Number(find<HTMLElement>("[data-total]")?.dataset["total"] ?? 0) : 0;
  const total = (): string => {
    const loaded = pswp.getNumItems();
    if (!more.has()) return String(loaded);
    return whole > loaded ? String(whole) : `${loaded}+`;
  };
  pswp.on("uiRegister", () => {
    pswp.ui?.registerElement({
      // Not "counter": the option that takes PhotoSwipe's own away would take this one too.
      name: "position",
      order: 5,
      className: "pswp__counter",
      onInit: (element) => {
        pswp.on("change", () => {
          element.textContent = `${pswp.currIndex + 1} / ${total()}`;
        });
      },
    });
  });
}

/** Where somebody may have the original, the way to it. */
function original(pswp: PhotoSwipe): void {
  pswp.on("uiRegister", () => {
    pswp.ui?.registerElement({
      name: "original",
      order: 8,
      tagName: "a",
      className: "pswp__original",
      onInit: (element) => {
        element.textContent = "Original";
        pswp.on("change", () => {
          const address = current(pswp)?.link.dataset["original"];
          element.hidden = !address;
          if (address) element.setAttribute("href", address);
        });
      },
    });
  });
}
