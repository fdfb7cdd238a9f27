/** The list under the drop area: the total, what is going on, what went wrong, what is stored. */
import type { Photo } from "../api";
import { need } from "../dom";
import type { Item, Pause, Queue } from "./queue";
import { Row } from "./row";
import { files, size, timeLeft } from "./words";

const LIVE_MS = 5_000; // A screen reader is told now and then, not at every file.

const PAUSES: Record<Pause, string> = {
  "signed-out": "You are signed out. Sign in again in another tab, then go on here: the list stays as it is.",
  forbidden: "The server refused the upload.",
  full: "The storage is full. Nothing that was stored is lost; go on when there is room again.",
  offline: "You are offline. The upload goes on by itself as soon as the connection is back.",
};

export class Panel {
  private readonly rows = new Map<Item, Row>();
  private readonly byPhoto = new Map<number, Item>();
  private readonly panel: HTMLElement;
  private readonly lists: Record<"active" | "trouble" | "done", HTMLElement>;
  private readonly plainTitle = document.title;
  private frame = 0;
  private told = 0;
  private started = 0;
  private sentBefore = 0;
  private seen = true;

  constructor(
    private readonly root: HTMLElement,
    private readonly queue: () => Queue,
  ) {
    this.panel = this.part("panel");
    this.lists = { active: this.part("list"), trouble: this.part("trouble-list"), done: this.part("done-list") };
    this.part("cancel").addEventListener("click", () => this.queue().cancelAll());
    this.part("retry").addEventListener("click", () => this.queue().retry(this.retryable()));
    this.part("twins").addEventListener("click", () => void this.removeTwins());
    this.part("resume").addEventListener("click", () => void this.queue().resume());
    this.part("close").addEventListener("click", () => this.close());
    this.part("dock").addEventListener("click", () => this.panel.scrollIntoView({ block: "center" }));
    // Out of sight it goes on as a line at the edge.
    new IntersectionObserver((entries) => {
      this.seen = entries.at(-1)?.isIntersecting ?? true;
      this.refresh();
    }).observe(this.panel);
  }

  added(items: Item[]): void {
    if (!this.queue().items.some((item) => item.state === "sending")) {
      this.started = performance.now();
      this.sentBefore = this.bytes().sent;
    }
    this.panel.hidden = false;
    for (const item of items) {
      const row = new Row(item, () => this.queue().cancel(item), () => this.queue().retry([item]), () => void this.queue().removeTwin(item));
      this.rows.set(item, row);
      this.place(row);
    }
    this.refresh();
  }

  changed(item: Item): void {
    const row = this.rows.get(item);
    if (!row) return;
    row.update();
    if (item.photoId !== null) this.byPhoto.set(item.photoId, item);
    this.place(row);
    this.refresh();
  }

  /** A stored photo got its pictures, or turned out to have none. */
  processed(photo: Photo): void {
    const item = this.byPhoto.get(photo.id);
    if (!item) return;
    if (item.twin && photo.status === "ready") return;
    item.note = photo.status === "ready" ? "Ready" : `Stored, but no picture came of it. ${photo.failure?.detail ?? ""}`.trim();
    if (photo.status === "failed") item.state = "refused";
    this.changed(item);
  }

  paused(reason: Pause | null, detail: string): void {
    const notice = this.part("notice");
    notice.hidden = reason === null;
    if (reason) this.part("notice-text").textContent = reason === "forbidden" && detail ? detail : PAUSES[reason];
    this.part("resume").hidden = reason === "offline";
  }

  private part(name: string): HTMLElement {
    return need(`[data-upload-${name}]`, this.root);
  }

  private place(row: Row): void {
    const { state } = row.item;
    const active = state === "waiting" || state === "sending";
    const list = active ? this.lists.active : state === "stored" && !row.isTwin ? this.lists.done : this.lists.trouble;
    if (row.element.parentElement === list) return;
    const hadFocus = row.element.contains(document.activeElement);
    list.append(row.element);
    if (hadFocus) this.part("panel").focus({ preventScroll: true });
  }

  private retryable(): Item[] {
    return [...this.rows.values()].filter((row) => row.canRetry).map((row) => row.item);
  }

  private twins(): Item[] {
    return [...this.rows.values()].filter((row) => row.isTwin).map((row) => row.item);
  }

  private async removeTwins(): Promise<void> {
    for (const item of this.twins()) await this.queue().removeTwin(item);
  }

  private bytes(): { sent: number; total: number } {
    let sent = 0;
    let total = 0;
    for (const { file, state, sent: part } of this.queue().items) {
      if (state !== "waiting" && state !== "sending" && state !== "stored") continue;
      total += file.size;
      sent += state === "waiting" ? 0 : part;
    }
    return { sent, total };
  }

  /** Progress comes many times a second; the words follow once a frame. */
  private refresh(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const queue = this.queue();
    const { busy } = queue;
    const total = queue.items.length - queue.count("cancelled");
    const stored = queue.items.filter((item) => item.photoId !== null).length;
    const trouble = queue.count("refused", "broken");
    const { sent, total: size_ } = this.bytes();
    const bar = this.part("bar") as HTMLProgressElement;
    bar.value = size_ > 0 ? sent / size_ : 1;
    bar.hidden = !busy;
    const words = busy ? `${stored} of ${files(total)} stored` : this.verdict(stored, total);
    this.part("count").textContent = words;
    this.part("pace").textContent = busy ? this.pace(sent, size_) : "";
    this.part("stay").hidden = !busy;
    const dock = this.part("dock");
    dock.hidden = !busy || this.seen;
    this.part("dock-words").textContent = words;
    (this.part("dock-bar") as HTMLProgressElement).value = bar.value;
    this.part("cancel").hidden = !busy;
    this.part("close").hidden = busy;
    this.part("retry").hidden = this.retryable().length === 0;
    this.part("twins").hidden = busy || this.twins().length < 2;
    this.part("trouble").hidden = this.lists.trouble.childElementCount === 0;
    this.part("done").hidden = this.lists.done.childElementCount === 0;
    this.part("trouble-count").textContent = `Needs a look: ${files(this.lists.trouble.childElementCount)}`;
    this.part("done-count").textContent = `Stored: ${files(this.lists.done.childElementCount)}`;
    document.title = busy ? `${stored}/${total} · ${this.plainTitle}` : this.plainTitle;
    this.tell(trouble > 0 ? `${words}, ${trouble} with a problem` : words, !busy);
  }

  private verdict(stored: number, total: number): string {
    if (total === 0) return "Nothing was uploaded";
    if (total === 1 && stored === 1) return "The file is stored";
    return stored === total ? `All ${files(total)} stored` : `${stored} of ${files(total)} stored`;
  }

  private pace(sent: number, total: number): string {
    const seconds = (performance.now() - this.started) / 1000;
    const speed = (sent - this.sentBefore) / seconds;
    const left = seconds > 2 && speed > 0 ? timeLeft((total - sent) / speed) : "";
    return [`${size(sent)} of ${size(total)}`, left].filter(Boolean).join(" · ");
  }

  private tell(words: string, now: boolean): void {
    const live = this.part("live");
    if (live.textContent === words || (!now && performance.now() - this.told < LIVE_MS)) return;
    this.told = performance.now();
    live.textContent = words;
  }

  private close(): void {
    this.panel.hidden = true;
    for (const list of Object.values(this.lists)) list.replaceChildren();
    this.rows.clear();
    this.byPhoto.clear();
    this.queue().items.length = 0;
    document.getElementById("upload-files")?.focus();
  }
}
