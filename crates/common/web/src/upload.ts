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
  moveOn(queue);
}

/** While files are on their way, other pages of ours open in a tab of their own, so that nothing is cut off. */
function moveOn(queue: Queue): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || !queue.busy || link.target || link.hasAttribute("download")) return;
    const leads = new URL(link.href);
    if (leads.origin !== location.origin || (leads.pathname === location.pathname && leads.hash)) return;
    event.preventDefault();
    window.open(link.href, "_blank", "noopener");
  });
}

const root = find("[data-upload]");
if (root) start(root);
