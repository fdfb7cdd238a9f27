/** Deeds to the ticked photos, done in place: what leaves the page leaves it, the rest shows what it is now. */
import { getJson, sendJson } from "../api";
import { all, find } from "../dom";
import { clearSelection, refreshSelection, tickedIds } from "../select";
import type { Wish } from "../lightbox/cull";
import { tileOf } from "../tiles";
import { toast } from "./toast";

interface Outcome {
  done: number[];
  skipped: { id: number; reason: string }[];
  undo: string | null;
}

const AT_ONCE = 1000; // So many photos one request may be about.

interface Was {
  tile: HTMLElement;
  next: Element | null;
  rating: string;
  archived: boolean;
  locked: boolean;
}

const WORDS: Record<string, [string, string]> = {
  archive: ["is archived: clients no longer see it", "are archived: clients no longer see them"],
  unarchive: ["is shown again", "are shown again"],
  lock: ["is locked", "are locked"],
  unlock: ["is unlocked", "are unlocked"],
  remove: ["was taken out and stays among your photos", "were taken out and stay among your photos"],
  delete: ["is in the trash", "are in the trash"],
  section: ["is in that section now", "are in that section now"],
};

let bar: HTMLFormElement | null = null;

export function deeds(form: HTMLFormElement): void {
  bar = form;
  // Of the open photo. The name is that of the lightbox, which is fetched only when it is needed.
  document.addEventListener("photo:deed", (event) => {
    const { deed, id } = (event as CustomEvent<Wish>).detail;
    void perform(deed, [id], true);
  });
  form.addEventListener("submit", (event) => {
    const button = event.submitter as HTMLButtonElement | null;
    if (button?.hasAttribute("data-deed-download")) {
      event.preventDefault();
      return void download(button.formAction);
    }
    if (button?.name !== "deed" || !bodyOf(button.value)) return;
    event.preventDefault();
    for (const menu of all<HTMLDetailsElement>("details[open]", form)) menu.open = false;
    void perform(button.value, tickedIds());
  });
}

/** What a deed sends; null for those that lead to another page. */
function bodyOf(deed: string): Record<string, unknown> | null {
  const [word = "", number = ""] = deed.split("-");
  switch (word) {
    case "archive":
    case "unarchive":
    case "lock":
    case "unlock":
    case "delete":
      return { action: word };
    case "remove":
      return { action: "move", gallery_id: null };
    case "rate":
      return { action: "rate", rating: Number(number) };
    case "section":
      return { action: "arrange", section_id: number === "none" ? null : Number(number) };
    default:
      return null;
  }
}

/** Does it to these photos and offers to take it back; where it is seen anyway, only what was not done is told. */
export async function perform(deed: string, ids: number[], isSeen = false): Promise<void> {
  const body = bodyOf(deed);
  if (!body || ids.length === 0) return;
  try {
    const outcome = await sendAll(ids, body);
    const was = outcome.done.map(remember).filter((one) => one !== null);
    show(deed, was);
    void countSections();
    const { undos } = outcome;
    if (isSeen && outcome.skipped.length === 0) return;
    toast(words(deed, outcome), undos.length > 0 ? () => takeBack(undos, was) : undefined);
  } catch (error) {
    toast((error as Error).message);
  }
}

interface Whole extends Omit<Outcome, "undo"> {
  undos: string[];
}

/** However many they are. */
async function sendAll(ids: number[], body: Record<string, unknown>): Promise<Whole> {
  const whole: Whole = { done: [], skipped: [], undos: [] };
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    const outcome = await sendJson<Outcome>("POST", "/api/photos/batch", { photo_ids: some, ...body });
    whole.done.push(...outcome.done);
    whole.skipped.push(...outcome.skipped);
    if (outcome.undo) whole.undos.push(outcome.undo);
  }
  return whole;
}

function remember(id: number): Was | null {
  const tile = tileOf(id);
  if (!tile) return null;
  const { rating = "0" } = tile.dataset;
  const [archived, locked] = [tile.hasAttribute("data-archived"), tile.hasAttribute("data-locked")];
  return { tile, next: tile.nextElementSibling, rating, archived, locked };
}

function show(deed: string, photos: Was[]): void {
  const [word, number = ""] = deed.split("-");
  const section = bar?.dataset["section"] ?? "";
  const leaves = word === "delete" || word === "remove" || (word === "section" && section !== "" && section !== number);
  if (leaves) return takeAway(photos);
  for (const { tile } of photos) {
    if (word === "rate") rate(tile, number);
    if (word === "archive" || word === "unarchive") flag(tile, "archived", word === "archive");
    if (word === "lock" || word === "unlock") flag(tile, "locked", word === "lock");
  }
  if (word === "section") clearSelection();
}

function takeAway(photos: Was[]): void {
  // The place of each is the one after all before it have gone, so they come back in the other direction.
  const following = photos.at(-1)?.next ?? null;
  for (const one of photos) {
    one.next = one.tile.nextElementSibling;
    for (const box of all<HTMLInputElement>("input", one.tile)) box.checked = false;
    one.tile.remove();
  }
  count(-photos.length);
  refreshSelection();
  find<HTMLElement>(".tile-link, input", (following?.isConnected ? following : find("[data-grid]")) ?? document)?.focus({ preventScroll: true });
}

async function takeBack(undos: string[], was: Was[]): Promise<void> {
  for (const undo of undos) await sendJson("POST", "/api/photos/undo", { undo });
  const gone = was.filter((one) => !one.tile.isConnected);
  for (const { tile, next } of [...gone].reverse()) {
    const grid = find("[data-grid]");
    if (next?.isConnected) next.before(tile);
    else grid?.append(tile);
  }
  count(gone.length);
  for (const one of was) {
    rate(one.tile, one.rating);
    flag(one.tile, "archived", one.archived);
    flag(one.tile, "locked", one.locked);
  }
  void countSections();
}

function words(deed: string, { done, skipped }: Whole): string {
  const [word = "", number = ""] = deed.split("-");
  const stars = number === "0" ? "no stars" : number === "1" ? "1 star" : `${number} stars`;
  const [one, many] = word === "rate" ? [`has ${stars} now`, `have ${stars} now`] : (WORDS[word] ?? ["is changed", "are changed"]);
  const said = done.length === 1 ? [`1 photo ${one}.`] : done.length > 1 ? [`${done.length} photos ${many}.`] : [];
  const locked = skipped.filter(({ reason }) => reason === "locked").length;
  if (locked > 0) said.push(`${locked} locked: unlock first.`);
  if (skipped.length > locked) said.push(`${skipped.length - locked} not yours to change like this, or gone.`);
  return said.join(" ");
}

function rate(tile: HTMLElement, rating: string): void {
  tile.dataset["rating"] = rating;
  const stars = Math.floor(Number(rating));
  const badge = find('[data-badge="stars"]', tile);
  if (!badge) return;
  badge.hidden = stars < 1;
  const drawn = find("[data-stars]", badge);
  const said = find("[data-stars-words]", badge);
  if (drawn) drawn.textContent = "★".repeat(stars);
  if (said) said.textContent = `${rating} stars`;
}

function flag(tile: HTMLElement, name: "archived" | "locked", on: boolean): void {
  tile.toggleAttribute(`data-${name}`, on);
  const badge = find(`[data-badge="${name}"]`, tile);
  if (badge) badge.hidden = !on;
}

function count(by: number): void {
  for (const shown of all('[data-count="all"]')) shown.textContent = String(Number(shown.textContent) + by);
}

/** The numbers beside the names of the sections. */
async function countSections(): Promise<void> {
  const gallery = Number(bar?.dataset["galleryId"]);
  if (!gallery || !find("[data-drop-section]")) return;
  const url = `/api/galleries/${gallery}/sections`;
  const found = await getJson<{ items: { id: number; photos: number }[] }>(url).catch(() => null);
  for (const { id, photos } of found?.items ?? []) {
    const shown = find(`[data-drop-section="${id}"] .count`);
    if (shown) shown.textContent = String(photos);
  }
}

async function download(address: string): Promise<void> {
  try {
    const made = await sendJson<{ url: string }>("POST", address, { photo_ids: tickedIds() });
    location.assign(made.url);
  } catch (error) {
    toast((error as Error).message);
  }
}
