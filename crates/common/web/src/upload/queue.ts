/** What is to be uploaded and how far it is: three files at a time, tried again when the line fails. */
import { csrfToken, renewToken } from "../api";
import { send, type Outcome, type Transfer } from "./transfer";

export type State = "waiting" | "sending" | "stored" | "refused" | "broken" | "cancelled";
export type Pause = "signed-out" | "forbidden" | "full" | "offline";

export interface Item {
  readonly file: File;
  state: State;
  sent: number;
  tries: number;
  note: string;
  photoId: number | null;
  twin: string; // What to say of a photo that was there before.
  transfer: Transfer | null;
  timer: number;
}

export interface Listener {
  added(items: Item[]): void;
  changed(item: Item): void;
  stored(item: Item): void;
  paused(reason: Pause | null, detail: string): void;
}

const AT_ONCE = 3;
const TRIES = 6;
const FIRST_WAIT_MS = 1_000;

export class Queue {
  readonly items: Item[] = [];
  private pause: Pause | null = null;
  private renewed = false;

  constructor(
    private readonly galleryId: string | null,
    private readonly maxBytes: number,
    private readonly listener: Listener,
  ) {
    window.addEventListener("online", () => this.pause === "offline" && void this.resume());
  }

  add(files: File[]): void {
    const items = files.map((file) => this.item(file));
    this.items.push(...items);
    this.listener.added(items);
    this.pump();
  }

  cancel(item: Item): void {
    clearTimeout(item.timer);
    if (item.state === "sending") item.transfer?.cancel();
    else if (item.state === "waiting") this.set(item, "cancelled", "Cancelled");
    this.pump();
  }

  /** Takes back a photo that was there before; sending it again brings it back. */
  async removeTwin(item: Item): Promise<void> {
    if (item.photoId === null) return;
    const headers = { Accept: "application/json", "X-CSRF-Token": csrfToken() };
    const address = `/api/photos/${item.photoId}`;
    const answer = await fetch(address, { method: "DELETE", headers, credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return this.set(item, "stored", "It could not be removed. Both are kept.");
    document.getElementById(`photo-${item.photoId}`)?.remove();
    item.photoId = null;
    item.twin = "";
    this.set(item, "cancelled", "Removed. You have it once.");
  }

  cancelAll(): void {
    // Waiting ones first: cancelling a running one would start the next.
    for (const item of this.items) if (item.state === "waiting") this.cancel(item);
    for (const item of this.items) if (item.state === "sending") this.cancel(item);
  }

  retry(items: Item[]): void {
    for (const item of items) {
      item.tries = 0;
      item.sent = 0;
      this.set(item, "waiting", "");
    }
    void this.resume();
  }

  /** Goes on after a pause, with the token of the session as it is now. */
  async resume(): Promise<void> {
    if (this.pause === "signed-out" || this.pause === "forbidden") {
      const signedIn = await renewToken().catch(() => true);
      if (!signedIn) return this.hold("signed-out", "");
    }
    this.pause = null;
    this.renewed = false;
    this.listener.paused(null, "");
    this.pump();
  }

  count(...states: State[]): number {
    return this.items.filter((item) => states.includes(item.state)).length;
  }

  get busy(): boolean {
    return this.items.some((item) => item.state === "waiting" || item.state === "sending");
  }

  private item(file: File): Item {
    const item: Item = { file, state: "waiting", sent: 0, tries: 0, note: "", photoId: null, twin: "", transfer: null, timer: 0 };
    if (file.size === 0) Object.assign(item, { state: "refused", note: "The file is empty." });
    if (file.size > this.maxBytes) {
      const limit = Math.floor(this.maxBytes / 1_048_576);
      Object.assign(item, { state: "refused", note: `Larger than ${limit} MB, which is the most a file may have.` });
    }
    return item;
  }

  private pump(): void {
    if (this.pause) return;
    let free = AT_ONCE - this.count("sending");
    for (const item of this.items) {
      if (free <= 0) return;
      if (item.state !== "waiting" || item.timer) continue;
      free -= 1;
      void this.run(item);
    }
  }

  private async run(item: Item): Promise<void> {
    item.tries += 1;
    item.sent = 0;
    item.transfer = send(item.file, this.galleryId, (sent) => {
      item.sent = sent;
      this.listener.changed(item);
    });
    this.set(item, "sending", "");
    const outcome = await item.transfer.done;
    item.transfer = null;
    await this.settle(item, outcome);
    this.pump();
  }

  private async settle(item: Item, outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case "stored":
        this.renewed = false;
        item.photoId = outcome.id;
        item.sent = item.file.size;
        item.twin = outcome.twin;
        this.set(item, "stored", outcome.twin || (outcome.ready ? "Ready" : "Making the pictures…"));
        return this.listener.stored(item);
      case "refused":
        return this.set(item, "refused", outcome.detail);
      case "cancelled":
        return this.set(item, "cancelled", "Cancelled");
      case "signed-out":
        this.set(item, "waiting", "");
        return this.hold("signed-out", "");
      case "full":
        this.set(item, "waiting", "");
        return this.hold("full", outcome.detail);
      case "forbidden":
        this.set(item, "waiting", "");
        return this.renewOnce(outcome.detail);
      case "later":
        return this.later(item, outcome.detail, outcome.afterMs);
    }
  }

  /** A token grows old when the session is renewed elsewhere; a fresh one usually settles a 403. */
  private async renewOnce(detail: string): Promise<void> {
    if (this.renewed) return this.hold("forbidden", detail);
    this.renewed = true;
    const signedIn = await renewToken().catch(() => true);
    if (!signedIn) this.hold("signed-out", "");
  }

  private later(item: Item, detail: string, afterMs: number | null): void {
    item.sent = 0;
    if (!navigator.onLine) {
      item.tries -= 1;
      this.set(item, "waiting", "");
      return this.hold("offline", "");
    }
    if (item.tries >= TRIES) return this.set(item, "broken", `${detail} Tried ${TRIES} times.`);
    const wait = afterMs ?? FIRST_WAIT_MS * 2 ** (item.tries - 1);
    item.timer = window.setTimeout(() => {
      item.timer = 0;
      this.pump();
    }, wait);
    this.set(item, "waiting", `${detail} Trying again…`);
  }

  private hold(reason: Pause, detail: string): void {
    this.pause = reason;
    this.listener.paused(reason, detail);
  }

  private set(item: Item, state: State, note: string): void {
    if (state !== "waiting") {
      clearTimeout(item.timer);
      item.timer = 0;
    }
    item.state = state;
    item.note = note;
    this.listener.changed(item);
  }
}
