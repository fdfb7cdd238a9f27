/** Each photo has an address while it is open, and the back button closes the lightbox. */
import type PhotoSwipe from "photoswipe";

type LinkOf = () => HTMLAnchorElement | undefined;

/** Whoever closes it while it is still opening would be ignored; this waits for the end of that and closes then. */
export function closeWhenOpen(pswp: PhotoSwipe): () => void {
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

/** The page of a photo where it has one, else its place in this page. */
const addressOf = (link: HTMLAnchorElement): string =>
  link.dataset["full"] ? (link.getAttribute("href") ?? "") : `#${link.closest("[data-photo]")?.id ?? ""}`;

/** `linked`: the address already names the photo, so closing clears it instead of going back. */
export function keepAddress(pswp: PhotoSwipe, current: LinkOf, linked: boolean, close: () => void): void {
  const plain = location.pathname + location.search;
  let pushed = false;
  let byBack = false;
  let last: HTMLAnchorElement | undefined;
  const onBack = (): void => {
    byBack = true;
    close();
  };
  pswp.on("change", () => {
    const link = current();
    if (!link) return;
    last = link;
    if (!pushed && !linked) {
      history.pushState({ lightbox: true }, "", addressOf(link));
      pushed = true;
    } else history.replaceState(history.state, "", addressOf(link));
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
