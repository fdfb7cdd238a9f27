/** Keys for those who work through many photos; they can be switched off, and `?` lists them. */
import { all, find } from "../dom";
import { refreshSelection, tickedIds } from "../select";
import { tileOf } from "../tiles";
import { perform } from "./deeds";
import { step } from "./order";
import { undoLast } from "./toast";

const STORED = "shortcuts";
const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

let grid: HTMLElement;

const focusOf = (tile: Element | null | undefined): HTMLElement | null =>
  tile ? (find<HTMLElement>(".tile-link", tile) ?? find<HTMLElement>("input", tile)) : null;
const current = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>("[data-grid] [data-photo]") ?? null;

/** The ticked photos, else the one with the focus. */
function meant(): number[] {
  const ids = tickedIds();
  const tile = current();
  return ids.length > 0 || !tile ? ids : [Number(tile.dataset["photo"])];
}

function isOn(): boolean {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true; // Storage may be forbidden.
  }
}

export function keys(within: HTMLElement, bar: HTMLFormElement): void {
  grid = within;
  const help = find<HTMLDialogElement>("[data-shortcuts]");
  const open = (): void => help?.showModal();
  for (const button of all("[data-shortcuts-open]")) button.addEventListener("click", open);
  find("[data-shortcuts-close]", help ?? document)?.addEventListener("click", () => help?.close());
  help?.addEventListener("click", (event) => event.target === help && help.close());
  const choice = find<HTMLInputElement>("[data-shortcuts-on]");
  if (choice) {
    choice.checked = isOn();
    choice.addEventListener("change", () => {
      try {
        localStorage.setItem(STORED, choice.checked ? "on" : "off");
      } catch {
        // The choice then lasts for nothing, which its owner sees.
      }
    });
  }
  document.addEventListener("keydown", (event) => {
    const typing = (event.target as Element).matches("input:not([type=checkbox]), select, textarea");
    if (typing || event.defaultPrevented || event.altKey || find(".pswp, dialog[open]")) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === "z" && !event.shiftKey) {
        event.preventDefault();
        void undoLast();
      }
      return;
    }
    if (ARROWS.includes(event.key)) return walk(event);
    if (event.key === "Delete" && meant().length > 0) return act(event, () => perform("delete", meant()));
    if (!isOn()) return;
    if (event.key === "?") return act(event, open);
    single(event, bar);
  });
}

function act(event: KeyboardEvent, deed: () => unknown): void {
  event.preventDefault();
  void deed();
}

function single(event: KeyboardEvent, bar: HTMLFormElement): void {
  const ids = meant();
  const first = ids[0] === undefined ? null : tileOf(ids[0]);
  const key = event.key.toLowerCase();
  if (key === "/") return act(event, () => find<HTMLElement>('[role="search"] input[type=search]')?.focus());
  if (key === "u") return act(event, () => find<HTMLInputElement>("[data-upload] input[type=file]")?.click());
  if (!first) return;
  if (/^[0-5]$/.test(key)) return act(event, () => perform(`rate-${key}`, ids));
  switch (key) {
    case "x":
      return act(event, () => tick(event.shiftKey));
    case ",":
    case ".":
      return act(event, () => step(key === "," ? "earlier" : "later", ids));
    case "l":
      return act(event, () => perform(first.hasAttribute("data-locked") ? "unlock" : "lock", ids));
    case "h":
      return act(event, () => perform(first.hasAttribute("data-archived") ? "unarchive" : "archive", ids));
    case "i":
      return act(event, () => location.assign(`/photos/${ids[0]}`));
    case "m":
      return act(event, () => openMove(bar, ids));
  }
}

function tick(range: boolean): void {
  const box = find<HTMLInputElement>(".tile-check input", current() ?? document.createElement("div"));
  box?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: range }));
}

function openMove(bar: HTMLFormElement, ids: number[]): void {
  for (const id of ids) {
    const box = find<HTMLInputElement>(".tile-check input", tileOf(id) ?? document.createElement("div"));
    if (box) box.checked = true;
  }
  refreshSelection();
  const menu = find<HTMLDetailsElement>('[data-deed-menu="move"]', bar);
  if (!menu) return;
  menu.open = true;
  find<HTMLElement>("select", menu)?.focus();
}

/** From tile to tile: sideways by one, up and down to the one that lies there. */
function walk(event: KeyboardEvent): void {
  const tile = current();
  if (!tile || event.shiftKey) return;
  const tiles = all("[data-photo]", grid);
  const at = tiles.indexOf(tile);
  const sideways = event.key === "ArrowLeft" ? at - 1 : event.key === "ArrowRight" ? at + 1 : -2;
  const next = sideways === -2 ? beside(tile, tiles, event.key === "ArrowDown") : tiles[sideways];
  const goal = focusOf(next);
  if (!goal) return;
  event.preventDefault();
  goal.focus();
}

function beside(tile: HTMLElement, tiles: HTMLElement[], down: boolean): HTMLElement | undefined {
  const here = tile.getBoundingClientRect();
  const middle = here.left + here.width / 2;
  let found: { tile: HTMLElement; rows: number; columns: number } | undefined;
  for (const other of tiles) {
    const there = other.getBoundingClientRect();
    const rows = down ? there.top - here.top : here.top - there.top;
    if (rows < here.height / 2) continue;
    const columns = Math.abs(there.left + there.width / 2 - middle);
    if (!found || rows < found.rows - 4 || (Math.abs(rows - found.rows) <= 4 && columns < found.columns)) {
      found = { tile: other, rows, columns };
    }
  }
  return found?.tile;
}
