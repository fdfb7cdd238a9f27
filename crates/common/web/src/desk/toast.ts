/** A line at the edge that says what was done and takes it back; the last deeds also by Ctrl+Z. */
import { cloneTemplate, find, need } from "../dom";

const STAYS_MS = 12_000;
const KEPT = 20;

type Undo = () => Promise<void>;

const done: Undo[] = [];
let timer = 0;

export function toast(words: string, undo?: Undo): void {
  const place = find("[data-toasts]");
  const line = cloneTemplate("toast");
  if (!place || !line) return;
  need("[data-toast-text]", line).textContent = words;
  const button = need<HTMLButtonElement>("[data-toast-undo]", line);
  button.hidden = !undo;
  if (undo) {
    done.push(undo);
    done.splice(0, done.length - KEPT);
  }
  button.addEventListener("click", () => void undoLast());
  need("[data-toast-close]", line).addEventListener("click", () => line.remove());
  place.replaceChildren(line);
  clearTimeout(timer);
  const leave = (): void => {
    // Whoever is reading it, or about to press its button, is not hurried.
    if (line.matches(":hover, :focus-within")) timer = window.setTimeout(leave, STAYS_MS);
    else line.remove();
  };
  timer = window.setTimeout(leave, STAYS_MS);
}

/** Takes back the last deed of this page, then the one before. */
export async function undoLast(): Promise<void> {
  const last = done.pop();
  if (!last) return toast("There is nothing to undo here.");
  try {
    await last();
    toast("As before.");
  } catch (error) {
    toast((error as Error).message);
  }
}
