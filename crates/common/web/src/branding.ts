/** The branding page: name and colour shown as they are typed, the watermark drawn while one chooses, its renewal followed. */
import { all, find, need } from "./dom";
import { getJson, type Problem } from "./api";

const checked = (form: HTMLFormElement, name: string): string =>
  find<HTMLInputElement>(`input[name="${name}"]:checked`, form)?.value ?? "";

/** Name and colour, as clients would see them. */
function brand(form: HTMLFormElement): void {
  const name = need<HTMLInputElement>('input[name="name"]', form);
  const fallback = form.dataset["brand"] ?? "";
  form.addEventListener("input", () => {
    for (const sample of all("[data-sample-name]")) sample.textContent = name.value.trim() || fallback;
    const accent = checked(form, "accent");
    for (const sample of all("[data-sample]")) {
      sample.className = sample.className.replace(/accent-\w+/, `accent-${accent}`);
    }
  });
}

const FIELDS = ["photo_id", "kind", "text", "position", "size", "opacity", "angle", "margin"];

/** Draws what the form says: one picture at a time, always the newest wish next. */
function watermark(form: HTMLFormElement): void {
  const picture = need<HTMLImageElement>("[data-preview]", form);
  const frame = need("[data-preview-frame]", form);
  const busy = need("[data-preview-busy]", form);
  const fault = need("[data-preview-fault]", form);
  const field = (name: string): HTMLInputElement => need<HTMLInputElement>(`input[name="${name}"]`, form);
  let timer = 0;
  let drawing = false;
  let wished = false;

  const look = (): string =>
    `${checked(form, "kind") === "image" ? "image" : "letters"}_${checked(form, "position") === "tiled" ? "tiled" : "placed"}`;

  /** Another look begins with its own size and strength, unless somebody chose others. */
  function settle(): void {
    const from = field("from_look");
    const usual = find(`[data-look="${look()}"]`);
    if (!usual || from.value === look()) return;
    for (const name of ["size", "opacity"] as const) {
      const shown = field(name);
      const before = field(`from_${name}`);
      if (Number(shown.value) === Number(before.value)) shown.value = usual.dataset[name] ?? shown.value;
      before.value = shown.value;
    }
    from.value = look();
  }

  function say(): void {
    for (const output of all<HTMLOutputElement>("[data-output]", form)) {
      const value = Number(field(output.dataset["output"] ?? "").value);
      const isShare = output.dataset["unit"] === "%";
      output.value = isShare ? `${Math.round(value * 1000) / 10} %` : `${value}${output.dataset["unit"] ?? ""}`;
    }
  }

  function tell(text: string): void {
    need("[data-preview-fault-text]", fault).textContent = text;
    fault.hidden = text === "";
  }

  /** What the server would refuse, said without asking it. */
  function lacking(): string {
    const kind = checked(form, "kind");
    if (kind === "text" && field("text").value.trim() === "") return "Give the text of the watermark.";
    if (kind === "image" && form.dataset["watermark"] !== "image") return "Upload a PNG first, then it is drawn.";
    return "";
  }

  async function draw(): Promise<void> {
    const lacks = lacking();
    if (lacks) return tell(lacks);
    if (drawing) {
      wished = true;
      return;
    }
    drawing = true;
    wished = false;
    const slow = window.setTimeout(() => (busy.hidden = false), 350);
    try {
      const data = new FormData(form);
      const query = new URLSearchParams();
      for (const name of FIELDS) {
        const value = data.get(name);
        if (typeof value === "string" && !(name === "text" && data.get("kind") !== "text")) query.set(name, value);
      }
      const answer = await fetch(`/api/watermark/preview?${query}`, { headers: { Accept: "image/jpeg, application/json" }, credentials: "same-origin" });
      if (answer.ok) {
        const before = picture.src;
        picture.src = URL.createObjectURL(await answer.blob());
        await picture.decode().catch(() => undefined);
        if (before.startsWith("blob:")) URL.revokeObjectURL(before);
        tell("");
      } else if (answer.status === 429 || answer.status === 503) {
        timer = window.setTimeout(() => void draw(), 4000);
      } else {
        const problem = (await answer.json().catch(() => null)) as (Problem & { errors?: Record<string, string> }) | null;
        tell(Object.values(problem?.errors ?? {})[0] ?? problem?.detail ?? "The preview could not be drawn.");
      }
    } catch {
      tell("The preview could not be drawn. Is the connection still there?");
    } finally {
      clearTimeout(slow);
      busy.hidden = true;
      drawing = false;
      if (wished) void draw();
    }
  }

  form.addEventListener("input", (event) => {
    if ((event.target as HTMLInputElement).type === "file") return;
    settle();
    say();
    clearTimeout(timer);
    timer = window.setTimeout(() => void draw(), 180);
  });
  // The shape is known only once the first picture is there; until then nothing jumps.
  picture.addEventListener("load", () => frame.classList.add("is-drawn"), { once: true });
  const png = find<HTMLInputElement>('input[name="image"]', form);
  png?.addEventListener("change", () => png.form?.requestSubmit());
  say();
}

/** How far the marked pictures are, until all carry the watermark. */
function renewal(panel: HTMLElement): void {
  const done = find("[data-renewal-done]");
  const number = (value: number): string => value.toLocaleString("en");
  async function follow(): Promise<void> {
    if (document.hidden) return;
    const { pending, photos } = await getJson<{ pending: number; photos: number }>("/api/watermark");
    need("[data-renewal-text]", panel).textContent = `${number(photos - pending)} of ${number(photos)}`;
    const bar = need<HTMLProgressElement>("[data-renewal-bar]", panel);
    bar.max = Math.max(photos, 1);
    bar.value = photos - pending;
    if (pending > 0) return;
    clearInterval(timer);
    panel.hidden = true;
    if (done) done.hidden = false;
  }
  if (Number(panel.dataset["pending"]) === 0) return;
  const timer = setInterval(() => void follow().catch(() => undefined), 1500);
}

const brandForm = find<HTMLFormElement>("[data-brand]");
if (brandForm) brand(brandForm);
const logo = find<HTMLFormElement>("[data-logo]");
find<HTMLInputElement>('input[type="file"]', logo ?? document)?.addEventListener("change", () => logo?.requestSubmit());
const markForm = find<HTMLFormElement>("[data-watermark]");
if (markForm) watermark(markForm);
const panel = find("[data-renewal]");
if (panel) renewal(panel);
