/** Tiles of the grid: made from the page's own templates, filled as photos become ready. */
import type { Photo, Rendition } from "./api";
import { all, cloneTemplate, find, need } from "./dom";

export const tileOf = (id: number): HTMLElement | null => document.getElementById(`photo-${id}`);

export const pendingIds = (): number[] =>
  all('[data-grid] [data-status="pending"]').map((tile) => Number(tile.dataset["photo"]));

/** Width over height in percent, in the steps for which the style sheet has a class. */
export function ratioClass(width: number | null, height: number | null): string {
  if (!width || !height) return "r150";
  return `r${Math.min(400, Math.max(30, Math.round((width / height) * 50) * 2))}`;
}

/** Puts a tile for a photo that was just stored at the front; one that is there already stays. */
export function insertTile(id: number, filename: string): void {
  const grid = find("[data-grid]");
  const tile = cloneTemplate("tile");
  if (!grid || !tile || tileOf(id)) return;
  tile.id = `photo-${id}`;
  tile.dataset["photo"] = String(id);
  for (const input of all<HTMLInputElement>("input", tile)) input.value = String(id);
  find<HTMLAnchorElement>(".tile-more", tile)?.setAttribute("href", `/photos/${id}`);
  for (const label of all("[data-name-it]", tile)) label.textContent = `${label.textContent?.trim()} ${filename}`;
  setText(".tile-name", filename, tile);
  grid.prepend(tile);
  for (const empty of all("[data-empty]")) empty.remove();
  for (const count of all('[data-count="all"]')) count.textContent = String(Number(count.textContent) + 1);
}

export async function fillTile(photo: Photo): Promise<void> {
  const tile = tileOf(photo.id);
  if (!tile || tile.dataset["status"] === photo.status) return;
  const { thumbnail, preview } = photo.renditions;
  if (photo.status === "ready" && thumbnail && preview) {
    const link = cloneTemplate("picture");
    if (!link) return;
    fillPicture(link as HTMLAnchorElement, photo, thumbnail, preview);
    // Decoded first, so that the placeholder gives way to a picture and not to a blank.
    await find<HTMLImageElement>("img", link)?.decode().catch(() => undefined);
    show(tile, photo, link);
  } else if (photo.status === "failed") {
    const broken = cloneTemplate("failed");
    if (!broken) return;
    setText(".tile-name", photo.filename, broken);
    if (photo.failure?.detail) setText(".tile-note", photo.failure.detail, broken);
    need<HTMLFormElement>("form", broken).action = `/photos/${photo.id}/retry`;
    show(tile, photo, broken);
  } else if (photo.status === "pending") {
    const waiting = cloneTemplate("waiting");
    if (!waiting) return;
    setText(".tile-name", photo.filename, waiting);
    show(tile, photo, waiting);
  }
}

function show(tile: HTMLElement, photo: Photo, content: HTMLElement): void {
  for (const name of [...tile.classList]) if (/^r\d+$/.test(name)) tile.classList.remove(name);
  tile.classList.add(ratioClass(photo.width, photo.height), "is-new");
  tile.dataset["status"] = photo.status;
  need("[data-frame]", tile).replaceChildren(content);
  if (pendingIds().length === 0) for (const note of all("[data-pending-note]")) note.hidden = true;
}

function fillPicture(link: HTMLAnchorElement, photo: Photo, thumb: Rendition, preview: Rendition): void {
  const image = need<HTMLImageElement>("img", link);
  const name = photo.title || photo.filename;
  link.href = preview.url;
  link.dataset["fullWidth"] = String(preview.width);
  link.dataset["fullHeight"] = String(preview.height);
  if (link.dataset["caption"] !== undefined) link.dataset["caption"] = name;
  const ground = find<SVGElement>(".picture-ground", link);
  if (photo.dominant_colour) ground?.setAttribute("color", photo.dominant_colour);
  else ground?.remove();
  image.alt = name;
  image.width = thumb.width;
  image.height = thumb.height;
  image.removeAttribute("loading");
  image.removeAttribute("srcset");
  const larger = photo.renditions.thumbnail_2x;
  if (larger && larger.width > thumb.width) {
    image.sizes = sizesFor(thumb);
    image.srcset = `${thumb.url} ${thumb.width}w, ${larger.url} ${larger.width}w`;
  }
  image.src = thumb.url;
}

const sizesFor = ({ width, height }: Rendition): string =>
  width > height ? "(max-width: 40rem) 55vw, 27rem" : "(max-width: 40rem) 30vw, 14rem";

function setText(selector: string, text: string, within: ParentNode): void {
  const element = find(selector, within);
  if (element) element.textContent = text;
}
