/** The next page comes below while one scrolls, or by a click on "Show more"; without scripts that is a plain link. */
import { find } from "./dom";
import { blurPictures } from "./placeholders";

const AHEAD = "2600px 0px"; // So far below the window the next page is fetched.

let loading: Promise<boolean> | null = null;

/** Adds the next page's tiles. False when there are none, or they could not be had. */
export function loadMore(): Promise<boolean> {
  loading ??= next().finally(() => (loading = null));
  return loading;
}

export const hasMore = (): boolean => find("[data-more]") !== null;

async function next(): Promise<boolean> {
  const link = find<HTMLAnchorElement>("[data-more]");
  const grid = find("[data-grid]");
  if (!link || !grid) return false;
  link.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const tiles = [...page.querySelectorAll("[data-grid] > [data-photo]")].filter((tile) => !document.getElementById(tile.id));
    const added = tiles.map((tile) => document.importNode(tile, true));
    grid.append(...added);
    for (const tile of added) blurPictures(tile);
    const after = page.querySelector<HTMLAnchorElement>("[data-more]");
    if (after) link.setAttribute("href", after.getAttribute("href") ?? "");
    else link.closest(".more")?.remove();
    return tiles.length > 0;
  } catch {
    return false;
  } finally {
    link.removeAttribute("aria-busy");
  }
}

export function moreInPlace(): void {
  const link = find("[data-more]");
  if (link) {
    const seen = new IntersectionObserver(
      async (entries) => {
        if (!entries.at(-1)?.isIntersecting || !(await loadMore())) return;
        // Asked again: what came may not have pushed it out of sight.
        seen.unobserve(link);
        if (link.isConnected) seen.observe(link);
      },
      { rootMargin: AHEAD },
    );
    seen.observe(link);
  }
  document.addEventListener("click", async (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("[data-more]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const before = find("[data-grid]")?.childElementCount ?? 0;
    if (!(await loadMore())) return location.assign(link.href);
    const first = find("[data-grid]")?.children.item(before);
    first?.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
  });
}
