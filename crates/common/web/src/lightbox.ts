/** The lightbox: keys, swipe, pinch, neighbours loaded ahead, an address for each photo, back closes it. */
import PhotoSwipe, { type SlideData } from "photoswipe";
import { all, find, reducedMotion } from "./dom";
import { hasMore, loadMore } from "./more";

const AHEAD = 3; // This close to the end, the next page is fetched.

interface Slide extends SlideData {
  link: HTMLAnchorElement;
}

const links = (): HTMLAnchorElement[] => all<HTMLAnchorElement>("[data-grid] .tile-link");
const idOf = (link: Element): string => link.closest("[data-photo]")?.id ?? "";

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
  return (at >= 0 && offered[at + 1]) || link.href;
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

/** `linked`: the address already names the photo, so closing clears it instead of going back. */
export function openLightbox(start: HTMLAnchorElement, linked: boolean): void {
  if (find(".pswp")) return;
  const types = chosenTypes();
  const slidesOf = (some: HTMLAnchorElement[]): Slide[] => some.map((link) => slideOf(link, types));
  const slides = slidesOf(links());
  const index = Math.max(0, slides.findIndex((slide) => slide.link === start));
  const still = reducedMotion();
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
    paddingFn: ({ x }) => (x < 700 ? { top: 0, bottom: 0, left: 0, right: 0 } : { top: 56, bottom: 56, left: 72, right: 72 }),
    arrowPrevTitle: "Previous photo",
    arrowNextTitle: "Next photo",
    closeTitle: "Close",
    zoomTitle: "Zoom",
    errorMsg: "This picture could not be loaded.",
  });
  pswp.addFilter("thumbEl", (found, data) => (data.element ? (find("img", data.element) ?? found) : found) as HTMLElement);
  counter(pswp);
  captionAndOriginal(pswp);
  keepAddress(pswp, linked, closeWhenOpen(pswp));
  pswp.on("change", async () => {
    if (pswp.currIndex < slides.length - AHEAD || !hasMore()) return;
    if (await loadMore()) slides.push(...slidesOf(links().slice(slides.length)));
  });
  pswp.on("firstUpdate", () => pswp.element?.setAttribute("aria-label", "Photo viewer"));
  pswp.init();
}

const current = (pswp: PhotoSwipe): Slide | undefined => pswp.currSlide?.data as Slide | undefined;

/** “4 / 94”: of the whole gallery, also while only its first page is loaded. */
function counter(pswp: PhotoSwipe): void {
  const fromStart = !new URLSearchParams(location.search).has("after");
  const whole = fromStart ? Number(find<HTMLElement>("[data-grid]")?.dataset["total"] ?? 0) : 0;
  const total = (): string => {
    const loaded = pswp.getNumItems();
    if (!hasMore()) return String(loaded);
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

function captionAndOriginal(pswp: PhotoSwipe): void {
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
    pswp.ui?.registerElement({
      name: "caption",
      appendTo: "root",
      order: 9,
      className: "pswp__caption",
      onInit: (element) => {
        element.setAttribute("aria-live", "polite");
        pswp.on("change", () => (element.textContent = current(pswp)?.link.dataset["caption"] ?? ""));
      },
    });
  });
}

/** Whoever closes it while it is still opening would be ignored; this waits for the end of that and closes then. */
function closeWhenOpen(pswp: PhotoSwipe): () => void {
  let opening = true;
  let wanted = false;
  const close = (): void => {
    if (opening) wanted = true;
    else pswp.close();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") close();
  };
  document.addEventListener("keydown", onKey);
  pswp.on("openingAnimationEnd", () => {
    opening = false;
    document.removeEventListener("keydown", onKey);
    // After the others that wait for the same end.
    if (wanted) queueMicrotask(() => pswp.close());
  });
  return close;
}

/** Each photo has an address while it is open, and the back button closes the lightbox. */
function keepAddress(pswp: PhotoSwipe, linked: boolean, close: () => void): void {
  const plain = location.pathname + location.search;
  let pushed = false;
  let byBack = false;
  let last: HTMLAnchorElement | undefined;
  const onBack = (): void => {
    byBack = true;
    close();
  };
  pswp.on("change", () => {
    const link = current(pswp)?.link;
    if (!link) return;
    last = link;
    if (!pushed && !linked) {
      history.pushState({ lightbox: true }, "", `#${idOf(link)}`);
      pushed = true;
    } else history.replaceState(history.state, "", `#${idOf(link)}`);
  });
  const restoration = history.scrollRestoration;
  history.scrollRestoration = "manual";
  window.addEventListener("popstate", onBack);
  pswp.on("close", () => {
    window.removeEventListener("popstate", onBack);
    if (byBack) return;
    if (pushed) history.back();
    else history.replaceState(null, "", plain);
  });
  pswp.on("destroy", () => {
    last?.scrollIntoView({ block: "nearest" });
    last?.focus({ preventScroll: true });
    window.setTimeout(() => (history.scrollRestoration = restoration), 300);
  });
}
