/** Files dropped anywhere on the page, folders with what lies in them too. */
import { find } from "../dom";

export function acceptDrops(take: (files: File[]) => void): void {
  const veil = find("[data-drop-veil]");
  let depth = 0; // Entering a child comes before leaving its parent.
  const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  const show = (shown: boolean): void => {
    if (!shown) depth = 0;
    if (veil) veil.hidden = !shown;
  };
  window.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth += 1;
    show(true);
  });
  window.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  window.addEventListener("dragleave", (event) => {
    if (!holdsFiles(event)) return;
    depth -= 1;
    if (depth <= 0) show(false);
  });
  window.addEventListener("drop", async (event) => {
    if (!holdsFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    show(false);
    const files = await filesOf(event.dataTransfer);
    if (files.length > 0) take(files);
  });
}

async function filesOf(data: DataTransfer): Promise<File[]> {
  // The list of items is emptied once the event is over, so the entries are taken at once.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return [...data.files];
  const found = await Promise.all(entries.map((entry) => (entry ? walk(entry) : [])));
  return found.flat();
}

async function walk(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return new Promise((resolve) => (entry as FileSystemFileEntry).file((file) => resolve([file]), () => resolve([])));
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  // A directory is read in portions, until an empty one.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (portion.length === 0) return files.filter((file) => !file.name.startsWith("."));
    files.push(...(await Promise.all(portion.map(walk))).flat());
  }
}
