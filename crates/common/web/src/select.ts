/** Ticking photos: ranges with Shift, everything with Ctrl+A, nothing with Escape, and the bar that counts them. */
import { all, find } from "./dom";
import { hasMore, loadMore } from "./more";

const boxes = (): HTMLInputElement[] => all<HTMLInputElement>("[data-grid] .tile-check input");
const ticked = (): HTMLInputElement[] => boxes().filter((box) => box.checked);
const REFRESH = "selection:refresh";
const PAGES_AT_MOST = 200;

/** The ticked photos in the order of the page. */
export const tickedIds = (): number[] => ticked().map((box) => Number(box.value));

/** Counts anew, after ticks came or went by other ways than a click. */
export const refreshSelection = (): void => void document.dispatchEvent(new Event(REFRESH));

export function clearSelection(): void {
  for (const box of boxes()) box.checked = false;
  refreshSelection();
}

export function selection(grid: HTMLElement): void {
  const form = find<HTMLFormElement>("[data-selection]");
  if (!form) return;
  const count = find("[data-selection-count]", form);
  const allButton = find<HTMLButtonElement>("[data-selection-all]", form);
  let gathering = false;
  const live = find("[data-selection-live]");
  let last: HTMLInputElement | null = null;

  const update = (): void => {
    const number = ticked().length;
    const words = number === 1 ? "1 photo selected" : `${number} photos selected`;
    if (count) count.textContent = words;
    // The bar comes and goes, and a screen reader misses words that come with it.
    if (live && (number > 0 || live.textContent)) live.textContent = words;
    for (const cover of all<HTMLButtonElement>("[data-deed-cover]", form)) cover.hidden = number !== 1;
  };

  const setAll = (checked: boolean): void => {
    for (const box of boxes()) box.checked = checked;
    update();
  };

  /** Also those that are shown only further down: their pages are fetched first. */
  const selectAll = async (): Promise<void> => {
    setAll(true);
    if (gathering || !hasMore()) return;
    gathering = true;
    allButton?.setAttribute("aria-busy", "true");
    for (let page = 0; page < PAGES_AT_MOST && gathering && hasMore(); page++) {
      if (!(await loadMore())) break;
      if (gathering) setAll(true);
    }
    gathering = false;
    allButton?.removeAttribute("aria-busy");
  };

  const clear = (): void => {
    gathering = false;
    setAll(false);
  };

  const range = (box: HTMLInputElement): void => {
    const list = boxes();
    const from = last ? list.indexOf(last) : -1;
    if (from < 0) return;
    const to = list.indexOf(box);
    for (const other of list.slice(Math.min(from, to), Math.max(from, to) + 1)) other.checked = box.checked;
  };

  grid.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target instanceof HTMLInputElement && target.type === "checkbox") {
      if (event.shiftKey) range(target);
      last = target;
      return update();
    }
    // Once something is ticked, the whole picture is the target: easier to hit, nothing opens by mistake.
    const box = find<HTMLInputElement>(".tile-check input", target.closest("[data-photo]") ?? grid);
    if (!box || !target.closest(".tile-link") || ticked().length === 0 || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    box.checked = !box.checked;
    if (event.shiftKey) range(box);
    last = box;
    update();
  });

  document.addEventListener(REFRESH, update);
  find("[data-selection-clear]", form)?.addEventListener("click", () => {
    clear();
    (last ?? boxes()[0])?.focus();
  });
  allButton?.addEventListener("click", () => void selectAll());

  document.addEventListener("keydown", (event) => {
    const typing = (event.target as Element).matches("input:not([type=checkbox]), select, textarea");
    if (typing || event.defaultPrevented || find(".pswp, dialog[open]")) return;
    if (event.key === "Escape" && ticked().length > 0 && !find("details[data-menu][open]")) clear();
    const inGrid = grid.contains(document.activeElement);
    if (event.key === "a" && (event.ctrlKey || event.metaKey) && (ticked().length > 0 || inGrid)) {
      event.preventDefault();
      void selectAll();
    }
  });
  update();
}
