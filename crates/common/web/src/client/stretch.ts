/** The next page of a gallery comes by itself while one scrolls; without scripts it is a link. */
import { all, find } from "../dom";
import type { More } from "../lightbox/more";
import { blurPictures } from "../placeholders";

const AHEAD = "1600px 0px"; // So far below the window the next page is fetched.

let loading: Promise<boolean> | null = null;
let pages = 0;

const nextLink = (): HTMLAnchorElement | null => find<HTMLAnchorElement>("[data-more]");

/** Puts the parts of the next page below: a section that is there already gets more tiles. */
function take(page: Document): HTMLElement[] {
  const gallery = find("[data-gallery]");
  const added: HTMLElement[] = [];
  for (const part of page.querySelectorAll<HTMLElement>("[data-gallery] > [data-part]")) {
    const mine = find(`[data-gallery] > [data-part="${part.dataset["part"]}"] > [data-grid]`);
    const tiles = [...part.querySelectorAll<HTMLElement>("[data-photo]")].filter((tile) => !document.getElementById(tile.id));
    if (mine) {
      const own = tiles.map((tile) => document.importNode(tile, true));
      mine.append(...own);
      added.push(...own);
    } else if (gallery) {
      const whole = document.importNode(part, true);
      gallery.append(whole);
      added.push(...all("[data-photo]", whole));
    }
  }
  return added;
}

async function fetchNext(): Promise<boolean> {
  const link = nextLink();
  if (!link) return false;
  link.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const added = take(page);
    for (const tile of added) blurPictures(tile);
    const after = page.querySelector<HTMLAnchorElement>("[data-more]");
    if (after) link.setAttribute("href", after.getAttribute("href") ?? "");
    else link.closest(".more")?.remove();
    pages += 1;
    document.dispatchEvent(new CustomEvent("gallery:grown"));
    return added.length > 0;
  } catch {
    return false; // The link is still there: a click tries again.
  } finally {
    link.removeAttribute("aria-busy");
  }
}

function load(): Promise<boolean> {
  loading ??= fetchNext().finally(() => (loading = null));
  return loading;
}

/** Coming back to this page shows it as it was left. */
function rememberPlace(): void {
  addEventListener("pagehide", () => {
    try {
      sessionStorage.setItem(`place:${location.pathname}${location.search}`, JSON.stringify([pages, scrollY]));
    } catch {
      // Storage may be forbidden; the browser's own memory of the place remains.
    }
  });
}

async function returnToPlace(): Promise<void> {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (entry?.type !== "back_forward") return;
  try {
    const stored = sessionStorage.getItem(`place:${location.pathname}${location.search}`);
    const [wanted, top] = JSON.parse(stored ?? "[0,0]") as [number, number];
    if (wanted === 0) return;
    while (pages < wanted && (await load())) continue;
    scrollTo({ top, behavior: "instant" });
  } catch {
    // Nothing remembered: the page begins where the browser thinks.
  }
}

async function start(): Promise<void> {
  rememberPlace();
  await returnToPlace();
  document.addEventListener("click", async (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("[data-more]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const before = all("[data-photo]").length;
    if (!(await load())) return location.assign(link.href);
    all("[data-photo] .tile-link")[before]?.focus({ preventScroll: true });
  });
  const link = nextLink();
  if (!link) return;
  const watch = new IntersectionObserver(
    async (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.unobserve(link);
      // Whoever is still near the end is told so anew.
      if ((await load()) && nextLink()) watch.observe(link);
    },
    { rootMargin: AHEAD },
  );
  watch.observe(link);
}

export const stretches: More & { start(): Promise<void> } = { has: () => nextLink() !== null, load, start };
