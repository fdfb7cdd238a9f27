/** An order by hand: dragged with mouse or finger, or step by step; every change can be taken back. */
import { sendJson } from "../api";
import { all, find } from "../dom";
import { hasMore, loadMore } from "../more";
import { tickedIds } from "../select";
import { tileOf } from "../tiles";
import { perform } from "./deeds";
import { drags } from "./drag";
import { toast } from "./toast";

interface Place {
  before?: number;
  after?: number;
}

let gallery = 0;
let grid: HTMLElement | null = null;

const idOf = (tile: Element): number => Number((tile as HTMLElement).dataset["photo"]);
const tiles = (): HTMLElement[] => (grid ? all("[data-photo]", grid) : []);

export function ordering(within: HTMLElement, bar: HTMLFormElement): void {
  if (!within.hasAttribute("data-sortable")) return;
  grid = within;
  gallery = Number(bar.dataset["galleryId"]);
  bar.addEventListener("submit", (event) => {
    const button = event.submitter as HTMLButtonElement | null;
    if (button?.name !== "step" || (button.value !== "earlier" && button.value !== "later")) return;
    event.preventDefault();
    void step(button.value, tickedIds());
  });
  drags(within, {
    together: (id) => (tickedIds().includes(id) ? tickedIds() : [id]),
    onto: (ids, tile, before) => void place(ids, before ? { before: idOf(tile) } : { after: idOf(tile) }),
    intoSection: (ids, section) => void perform(`section-${section}`, ids),
  });
}

/** One place earlier or later, among the photos of this page. */
export async function step(direction: "earlier" | "later", ids: number[]): Promise<void> {
  if (!grid || ids.length === 0) return;
  const list = tiles();
  const moved = list.filter((tile) => ids.includes(idOf(tile)));
  const rest = (tile: Element | null | undefined): boolean => Boolean(tile && !ids.includes(idOf(tile)));
  if (direction === "earlier") {
    const first = moved[0] ? list.indexOf(moved[0]) : 0;
    const before = list.slice(0, first).reverse().find(rest);
    if (before) await place(moved.map(idOf), { before: idOf(before) });
    return;
  }
  const last = moved.at(-1);
  const after = list.slice(last ? list.indexOf(last) + 1 : list.length).find(rest);
  if (after) await place(moved.map(idOf), { after: idOf(after) });
  else if (hasMore() && (await loadMore())) await step(direction, ids);
}

/** Moves them at once, and back again if the server says no. */
async function place(ids: number[], where: Place): Promise<void> {
  const anchor = tileOf(where.before ?? where.after ?? 0);
  const moved = ids.map(tileOf).filter((tile) => tile !== null);
  if (!grid || !anchor || moved.length === 0 || moved.includes(anchor)) return;
  const before = tiles();
  const focused = document.activeElement as HTMLElement | null;
  if (where.before) anchor.before(...moved);
  else anchor.after(...moved);
  if (focused && grid.contains(focused)) focused.focus({ preventScroll: false });
  const order = grid.dataset["orderNow"] ?? "taken_at";
  try {
    await sendJson("PUT", `/api/galleries/${gallery}/order`, { photo_ids: moved.map(idOf), ...where });
    told("manual");
    const at = tiles().indexOf(moved[0] as HTMLElement) + 1;
    toast(moved.length === 1 ? `Moved to place ${at}.` : `${moved.length} photos moved to place ${at}.`, () => back(before, moved, order));
  } catch (error) {
    grid.append(...before);
    toast((error as Error).message);
  }
}

/** The order of before: by its name where it had one, else each moved photo goes back beside its old neighbour. */
async function back(before: HTMLElement[], moved: HTMLElement[], order: string): Promise<void> {
  if (order !== "manual") await sendJson("PUT", `/api/galleries/${gallery}`, { order });
  else {
    for (const tile of [...moved].sort((one, other) => before.indexOf(other) - before.indexOf(one))) {
      const at = before.indexOf(tile);
      const [next, previous] = [before[at + 1], before[at - 1]];
      const where = next ? { before: idOf(next) } : previous ? { after: idOf(previous) } : {};
      await sendJson("PUT", `/api/galleries/${gallery}/order`, { photo_ids: [idOf(tile)], ...where });
    }
  }
  const added = tiles().filter((tile) => !before.includes(tile));
  grid?.append(...before, ...added);
  told(order);
}

function told(order: string): void {
  if (grid) grid.dataset["orderNow"] = order;
  const select = find<HTMLSelectElement>("select[data-order]");
  if (select) select.value = order;
}
