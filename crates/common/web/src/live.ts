/** Fills pending tiles as their photos become ready: told by server-sent events, caught up after every gap. */
import { getJson, type Photo } from "./api";
import { fillTile, pendingIds } from "./tiles";

const GATHER_MS = 150; // Events of one burst share a request.
const LOOK_AGAIN_MS = 20_000; // A proxy may swallow events without closing the stream.
const PER_REQUEST = 50;

let stream: EventSource | null = null;
let wait = 2_000;
let timer = 0;
const changed = new Set<number>();

/** Says on `document` that a photo got ready or failed; `detail` is the photo. */
export const PHOTO_CHANGED = "photo:changed";

/** Keeps watching as long as the page shows a photo that is not ready. */
export function watchPending(): void {
  if (stream || pendingIds().length === 0) return;
  stream = new EventSource("/events");
  stream.addEventListener("open", () => {
    wait = 2_000;
    ask(pendingIds());
  });
  stream.addEventListener("photo", (event) => {
    const { id } = JSON.parse((event as MessageEvent<string>).data) as { id: number };
    ask([id]);
  });
  // Too much happened at once to be told one by one.
  stream.addEventListener("resync", () => ask(pendingIds()));
  stream.addEventListener("error", () => {
    if (stream?.readyState !== EventSource.CLOSED) return; // The browser is connecting again by itself.
    stop();
    window.setTimeout(watchPending, wait);
    wait = Math.min(wait * 2, 60_000);
  });
  lookAgain();
}

/** For a photo that was stored a moment ago: its event may have passed before its tile was there. */
export function watch(id: number): void {
  if (stream?.readyState === EventSource.OPEN) ask([id]);
  else watchPending();
}

function lookAgain(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    if (!stream) return;
    ask(pendingIds());
    lookAgain();
  }, LOOK_AGAIN_MS);
}

function stop(): void {
  stream?.close();
  stream = null;
}

function ask(ids: number[]): void {
  const shown = new Set(pendingIds());
  const idle = changed.size === 0;
  for (const id of ids) if (shown.has(id)) changed.add(id);
  if (idle && changed.size > 0) window.setTimeout(() => void update(), GATHER_MS);
}

async function update(): Promise<void> {
  const ids = [...changed];
  changed.clear();
  for (let from = 0; from < ids.length; from += PER_REQUEST) {
    const some = ids.slice(from, from + PER_REQUEST);
    const photos = await getJson<{ items: Photo[] }>(`/api/photos?ids=${some.join(",")}`).catch(() => null);
    const listed = photos?.items ?? [];
    // The list holds one's own photos; one in somebody else's gallery is asked for by itself.
    const others = some.filter((id) => !listed.some((photo) => photo.id === id));
    const single = photos ? others.map((id) => getJson<Photo>(`/api/photos/${id}`).catch(() => null)) : [];
    const found = [...listed, ...(await Promise.all(single))];
    await Promise.all(found.map((photo) => photo && take(photo)));
  }
  if (pendingIds().length === 0) stop();
}

async function take(photo: Photo): Promise<void> {
  if (photo.status === "pending") return;
  // A list may leave addresses out; the photo itself always has them.
  const whole =
    photo.status === "ready" && !photo.renditions?.thumbnail
      ? await getJson<Photo>(`/api/photos/${photo.id}`).catch(() => photo)
      : photo;
  await fillTile(whole);
  document.dispatchEvent(new CustomEvent<Photo>(PHOTO_CHANGED, { detail: whole }));
}

window.addEventListener("pagehide", stop);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) watchPending();
});
