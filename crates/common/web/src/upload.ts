/** The upload area of a page: files in by button or drop, tiles out into the grid below. */
import type { Photo } from "./api";
import { find, need } from "./dom";
import { PHOTO_CHANGED, watch } from "./live";
import { insertTile } from "./tiles";
import { acceptDrops } from "./upload/drop";
import { Panel } from "./upload/panel";
import { Queue } from "./upload/queue";

function start(root: HTMLElement): void {
  const input = need<HTMLInputElement>("input[type=file]", root);
  const gallery = find<HTMLInputElement>("[name=gallery_id]", root)?.value ?? null;
  const panel: Panel = new Panel(root, () => queue);
  const queue: Queue = new Queue(gallery, Number(root.dataset["maxBytes"]), {
    added: (items) => panel.added(items),
    changed: (item) => panel.changed(item),
    paused: (reason, detail) => panel.paused(reason, detail),
    stored: ({ photoId, file }) => {
      if (photoId === null) return;
      insertTile(photoId, file.name);
      watch(photoId);
    },
  });
  input.addEventListener("change", () => {
    queue.add([...(input.files ?? [])]);
    input.value = ""; // So that the same file may be chosen again.
  });
  need<HTMLFormElement>("[data-upload-form]", root).addEventListener("submit", (event) => event.preventDefault());
  acceptDrops((files) => queue.add(files));
  document.addEventListener(PHOTO_CHANGED, (event) => panel.processed((event as CustomEvent<Photo>).detail));
  window.addEventListener("beforeunload", (event) => {
    if (queue.busy) event.preventDefault();
  });
}

const root = find("[data-upload]");
if (root) start(root);
