/** A page with photos: opens the lightbox, ticks, shows more, fills in what is still being made. */
import { find } from "./dom";
import { watchPending } from "./live";
import { hasMore, loadMore, moreInPlace } from "./more";
import { selection } from "./select";
import { tileOf } from "./tiles";

const DEEP_LINK = /^#photo-(\d+)$/;
const PAGES_TO_SEARCH = 40;

const linkIn = (tile: Element | null): HTMLAnchorElement | null => (tile ? find<HTMLAnchorElement>(".tile-link", tile) : null);

async function open(link: HTMLAnchorElement, linked: boolean): Promise<void> {
  try {
    const { openLightbox } = await import("./lightbox");
    openLightbox(link, linked);
  } catch {
    location.assign(link.href); // The script could not be had: the picture can.
  }
}

function opensPictures(grid: HTMLElement): void {
  grid.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>(".tile-link");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void open(link, false);
  });
  // Fetched when a picture is about to be opened, so that the click need not wait.
  const warm = (): void => void import("./lightbox").catch(() => undefined);
  for (const sign of ["pointerover", "touchstart", "focusin"] as const) {
    grid.addEventListener(sign, warm, { once: true, passive: true });
  }
}

/** Opens the photo that the address names, also one of a later page. */
async function followDeepLink(): Promise<void> {
  const id = Number(DEEP_LINK.exec(location.hash)?.[1]);
  if (!id) return;
  for (let page = 0; page < PAGES_TO_SEARCH && !tileOf(id) && hasMore(); page++) {
    if (!(await loadMore())) break;
  }
  const link = linkIn(tileOf(id));
  if (link) await open(link, true);
}

const grid = find("[data-grid]");
if (grid) {
  selection(grid); // First: it may take a click before the lightbox sees it.
  opensPictures(grid);
  moreInPlace();
  if (find("[data-live]")) watchPending();
  void followDeepLink();
}
