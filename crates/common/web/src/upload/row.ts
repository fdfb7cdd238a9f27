/** One line of the upload list. File names are only ever set as text. */
import { cloneTemplate, find, need } from "../dom";
import { size } from "./words";
import type { Item } from "./queue";

const ICONS: Record<Item["state"], string> = {
  waiting: "waiting",
  sending: "sending",
  stored: "stored",
  refused: "refused",
  broken: "refused",
  cancelled: "cancel",
};

export class Row {
  readonly element: HTMLElement;
  private readonly state: HTMLElement;
  private readonly note: HTMLElement;
  private readonly bar: HTMLProgressElement;
  private readonly action: HTMLButtonElement;
  private shown = "";

  constructor(
    readonly item: Item,
    onCancel: () => void,
    onRetry: () => void,
    onRemove: () => void,
  ) {
    const element = cloneTemplate("upload-row");
    if (!element) throw new Error("the page lacks the upload row");
    this.element = element;
    this.state = need("[data-row-state]", element);
    this.note = need("[data-row-note]", element);
    this.bar = need<HTMLProgressElement>("[data-row-bar]", element);
    this.action = need<HTMLButtonElement>("[data-row-action]", element);
    const name = need("[data-row-name]", element);
    name.textContent = name.title = item.file.name;
    this.bar.setAttribute("aria-label", item.file.name);
    this.action.addEventListener("click", () => (this.isTwin ? onRemove() : this.canRetry ? onRetry() : onCancel()));
    this.update();
  }

  get canRetry(): boolean {
    return this.item.state === "broken" || this.item.state === "cancelled";
  }

  /** Stored, and there before. */
  get isTwin(): boolean {
    return this.item.state === "stored" && this.item.twin !== "";
  }

  update(): void {
    const { item } = this;
    if (item.state === "sending") this.bar.value = item.file.size > 0 ? item.sent / item.file.size : 0;
    this.note.textContent = this.words();
    if (this.shown === item.state) return;
    this.shown = item.state;
    this.element.dataset["state"] = item.state;
    setIcon(this.state, ICONS[item.state]);
    const cancels = item.state === "waiting" || item.state === "sending";
    this.action.hidden = !cancels && !this.canRetry && !this.isTwin;
    const deed = this.isTwin ? "Remove this one again" : cancels ? "Cancel" : "Try again";
    this.action.setAttribute("aria-label", `${deed}: ${item.file.name}`);
    this.action.title = deed;
    setIcon(this.action, cancels || this.isTwin ? "cancel" : "retry");
  }

  private words(): string {
    const { item } = this;
    if (item.note) return item.note;
    if (item.state === "waiting") return size(item.file.size);
    if (item.state === "sending" && item.sent >= item.file.size) return "Being stored…";
    return `${size(item.sent)} of ${size(item.file.size)}`;
  }
}

function setIcon(place: HTMLElement, name: string): void {
  const icons = find<HTMLTemplateElement>('template[data-template="upload-icons"]');
  const icon = icons?.content.querySelector(`.for-${name}`);
  place.replaceChildren(...(icon ? [document.importNode(icon, true)] : []));
}
