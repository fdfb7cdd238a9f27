/** Copies a share link, and says so. */
import { all, find } from "./dom";

async function copy(source: HTMLInputElement): Promise<boolean> {
  source.select();
  try {
    await navigator.clipboard.writeText(source.value);
    return true;
  } catch {
    // Without a secure context the clipboard is closed; the older way still works on a selection.
    return document.execCommand("copy");
  }
}

for (const group of all("[data-copy]")) {
  const button = find("[data-copy-button]", group);
  const source = find<HTMLInputElement>("[data-copy-source]", group);
  const label = find("[data-copy-label]", group);
  if (!button || !source || !label) continue;
  let timer = 0;
  source.addEventListener("focus", () => source.select());
  button.addEventListener("click", async () => {
    label.textContent = (await copy(source)) ? "Copied" : "Press Ctrl+C";
    clearTimeout(timer);
    timer = window.setTimeout(() => (label.textContent = "Copy"), 2500);
  });
}
