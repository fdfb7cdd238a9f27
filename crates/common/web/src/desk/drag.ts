/** Dragging tiles: a mouse that moves, a finger that waits; a line shows where they would go. */
import { find } from "../dom";

export interface Drops {
  /** What moves when this photo is dragged. */
  together(id: number): number[];
  /** Dropped beside a tile. */
  onto(ids: number[], tile: HTMLElement, before: boolean): void;
  /** Dropped on the name of a section. */
  intoSection(ids: number[], section: string): void;
}

const FAR = 8; // Pixels: less is an unsteady hand.
const HOLD_MS = 400;
const EDGE = 70;
const SPEED = 14;

interface Drag {
  ids: number[];
  ghost: HTMLElement;
  mark: HTMLElement;
  tile: HTMLElement | null;
  before: boolean;
  section: HTMLElement | null;
}

export function drags(grid: HTMLElement, drops: Drops): void {
  let drag: Drag | null = null;
  let start: { tile: HTMLElement; x: number; y: number; touch: boolean; timer: number } | null = null;
  let pointer = { x: 0, y: 0 };
  let frame = 0;

  const begin = (): void => {
    if (!start) return;
    const ids = drops.together(Number(start.tile.dataset["photo"]));
    drag = { ids, ghost: ghostOf(start.tile, ids.length), mark: markOf(), tile: null, before: true, section: null };
    document.body.append(drag.ghost, drag.mark);
    document.documentElement.classList.add("is-dragging");
    navigator.vibrate?.(10);
    frame = requestAnimationFrame(scroll);
    move();
  };

  const end = (dropped: boolean): void => {
    if (start) clearTimeout(start.timer);
    start = null;
    if (!drag) return;
    const { ids, tile, before, section, ghost, mark } = drag;
    drag = null;
    cancelAnimationFrame(frame);
    ghost.remove();
    mark.remove();
    section?.classList.remove("is-target");
    document.documentElement.classList.remove("is-dragging");
    // The click that ends a drag is none.
    window.addEventListener("click", swallow, { capture: true, once: true });
    window.setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 50);
    if (!dropped) return;
    if (section) drops.intoSection(ids, section.dataset["dropSection"] ?? "none");
    else if (tile) drops.onto(ids, tile, before);
  };

  /** Shows where it would go. */
  const move = (): void => {
    if (!drag) return;
    drag.ghost.style.translate = `${pointer.x + 12}px ${pointer.y + 12}px`;
    const under = document.elementFromPoint(pointer.x, pointer.y);
    drag.section?.classList.remove("is-target");
    drag.section = under?.closest<HTMLElement>("[data-drop-section]") ?? null;
    drag.section?.classList.add("is-target");
    const tile = under?.closest<HTMLElement>("[data-grid] [data-photo]") ?? null;
    const goes = tile !== null && !drag.ids.includes(Number(tile.dataset["photo"]));
    drag.tile = goes ? tile : null;
    drag.mark.hidden = !goes;
    if (!goes) return;
    const box = tile.getBoundingClientRect();
    drag.before = pointer.x < box.left + box.width / 2;
    drag.mark.style.translate = `${drag.before ? box.left - 4 : box.right}px ${box.top}px`;
    drag.mark.style.height = `${box.height}px`;
  };

  /** Near the edge the page goes on by itself. */
  const scroll = (): void => {
    if (!drag) return;
    const from = pointer.y < EDGE ? pointer.y - EDGE : Math.max(0, pointer.y - (innerHeight - EDGE));
    if (from !== 0) {
      window.scrollBy(0, (from / EDGE) * SPEED);
      move();
    }
    frame = requestAnimationFrame(scroll);
  };

  grid.addEventListener("dragstart", (event) => event.preventDefault());
  grid.addEventListener("pointerdown", (event) => {
    const target = event.target as Element;
    const tile = target.closest<HTMLElement>("[data-photo]");
    if (!tile || event.button !== 0 || !event.isPrimary || target.closest(".tile-check, .tile-more, .tile-original")) return;
    const touch = event.pointerType !== "mouse";
    pointer = { x: event.clientX, y: event.clientY };
    start = { tile, ...pointer, touch, timer: touch ? window.setTimeout(begin, HOLD_MS) : 0 };
  });
  window.addEventListener("pointermove", (event) => {
    if (!start) return;
    pointer = { x: event.clientX, y: event.clientY };
    if (drag) return move();
    if (Math.hypot(pointer.x - start.x, pointer.y - start.y) < FAR) return;
    // A finger that moves before its time scrolls.
    if (start.touch) end(false);
    else begin();
  });
  window.addEventListener("pointerup", () => end(true));
  window.addEventListener("pointercancel", () => end(false));
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drag) return;
    event.preventDefault();
    end(false);
  }, { capture: true });
  grid.addEventListener("touchmove", (event) => drag && event.cancelable && event.preventDefault(), { passive: false });
  grid.addEventListener("contextmenu", (event) => start?.touch && event.preventDefault());
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function ghostOf(tile: HTMLElement, count: number): HTMLElement {
  const ghost = document.createElement("div");
  const image = find<HTMLImageElement>("img", tile);
  if (image) {
    const picture = document.createElement("img");
    picture.src = image.currentSrc || image.src;
    picture.alt = "";
    ghost.prepend(picture);
  }
  ghost.className = "drag-ghost";
  ghost.dataset["count"] = count > 1 ? String(count) : "";
  return ghost;
}

function markOf(): HTMLElement {
  const mark = document.createElement("div");
  mark.className = "drag-mark";
  mark.hidden = true;
  return mark;
}
