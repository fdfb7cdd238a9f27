/** Ticking photos to take them away: a mode of its own for fingers, at once for a mouse; then one download. */
import { csrfToken } from "../api";
import { all, find } from "../dom";

interface Selection {
  url: string;
  count: number;
  bytes: number;
}

const MB = 1_000_000;
const boxes = (): HTMLInputElement[] => all<HTMLInputElement>("[data-gallery] .tile-check input");
const ticked = (): HTMLInputElement[] => boxes().filter((box) => box.checked);
const counted = (number: number): string => (number === 1 ? "1 photo" : `${number} photos`);
const sized = (bytes: number): string =>
  bytes >= 1000 * MB ? `${(bytes / (1000 * MB)).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / MB))} MB`;

export function selecting(gallery: HTMLElement): void {
  const form = find<HTMLFormElement>("[data-selection]");
  const mode = find("[data-select-mode]");
  if (!form) return;
  const count = find("[data-selection-count]", form);
  const hint = find("[data-selection-hint]", form);
  const live = find("[data-selection-live]");
  const note = hint?.textContent ?? "";
  let last: HTMLInputElement | null = null;

  const isOn = (): boolean => gallery.classList.contains("is-selecting");
  const setMode = (on: boolean): void => {
    gallery.classList.toggle("is-selecting", on);
    mode?.setAttribute("aria-pressed", String(on));
  };

  const update = (): void => {
    const number = ticked().length;
    const words = `${counted(number)} selected`;
    if (count) count.textContent = words;
    if (hint) hint.textContent = note;
    if (live && (number > 0 || live.textContent)) live.textContent = words;
    if (number > 0) setMode(true);
  };
  const clear = (): void => {
    for (const box of ticked()) box.checked = false;
    update();
    setMode(false);
  };
  const tick = (box: HTMLInputElement, ranged: boolean): void => {
    const list = boxes();
    const from = ranged && last ? list.indexOf(last) : -1;
    const to = list.indexOf(box);
    if (from >= 0) for (const other of list.slice(Math.min(from, to), Math.max(from, to) + 1)) other.checked = box.checked;
    last = box;
    update();
  };

  gallery.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target instanceof HTMLInputElement && target.type === "checkbox") return tick(target, event.shiftKey);
    const box = find<HTMLInputElement>(".tile-check input", target.closest("[data-photo]") ?? document.createElement("i"));
    if (!box || !isOn() || !target.closest(".tile-link") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    box.checked = !box.checked;
    tick(box, event.shiftKey);
  });
  gallery.addEventListener("change", update); // The lightbox ticks too.
  mode?.addEventListener("click", () => (isOn() ? clear() : setMode(true)));
  find("[data-select-begin]")?.addEventListener("click", () => {
    setMode(true);
    mode?.focus(); // Which closes the menu.
  });
  find("[data-selection-clear]", form)?.addEventListener("click", () => {
    clear();
    mode?.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOn() && !event.defaultPrevented && !find(".pswp, details[open]")) clear();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // The page's own guard against sending a form twice shall not see this one.
    event.stopImmediatePropagation();
    if (form.getAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    const size = (event.submitter as HTMLButtonElement | null)?.value;
    try {
      const made = await choose(form.action, ticked().map((box) => Number(box.value)));
      if (hint) hint.textContent = `${counted(made.count)}, ${sized(made.bytes)}: the download begins.`;
      const address = new URL(made.url, location.href);
      if (size) address.searchParams.set("size", size);
      location.assign(address);
    } catch (error) {
      if (hint) hint.textContent = error instanceof Error ? error.message : "That did not work. Please try again.";
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
  update();
}

/** Tells the service what was selected; it answers what will come. */
async function choose(address: string, photos: number[]): Promise<Selection> {
  const answer = await fetch(address, {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": csrfToken() },
    body: JSON.stringify({ photo_ids: photos }),
  });
  if (answer.ok) return (await answer.json()) as Selection;
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
  throw new Error(problem.detail ?? "That did not work. Please try again.");
}
