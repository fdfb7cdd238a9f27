/** One file in one request, with its progress. Answers with what became of it; never throws. */
import { csrfToken, type Problem, type Uploaded } from "../api";

export type Outcome =
  | { kind: "stored"; id: number; ready: boolean; twin: string }
  | { kind: "refused"; detail: string }
  | { kind: "signed-out" }
  | { kind: "forbidden"; detail: string }
  | { kind: "full"; detail: string }
  | { kind: "later"; detail: string; afterMs: number | null }
  | { kind: "cancelled" };

export interface Transfer {
  done: Promise<Outcome>;
  cancel(): void;
}

const STALLED_MS = 60_000; // No byte for this long: the line is dead, even if nobody said so.

export function send(file: File, galleryId: string | null, onProgress: (sent: number) => void): Transfer {
  const request = new XMLHttpRequest();
  let stalled = false;
  let watchdog = 0;
  const alive = (): void => {
    clearTimeout(watchdog);
    watchdog = window.setTimeout(() => {
      stalled = true;
      request.abort();
    }, STALLED_MS);
  };
  const done = new Promise<Outcome>((resolve) => {
    const finish = (outcome: Outcome): void => {
      clearTimeout(watchdog);
      resolve(outcome);
    };
    request.upload.addEventListener("progress", (event) => {
      alive();
      // The request is a little larger than the file in it.
      onProgress(event.total > 0 ? (event.loaded / event.total) * file.size : 0);
    });
    request.addEventListener("load", () => finish(read(request)));
    request.addEventListener("error", () => finish(lost));
    request.addEventListener("abort", () => finish(stalled ? lost : { kind: "cancelled" }));
    const form = new FormData();
    if (galleryId) form.append("gallery_id", galleryId);
    form.append("photos", file, file.name);
    request.open("POST", "/api/upload");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", csrfToken());
    alive();
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}

const lost: Outcome = { kind: "later", detail: "The connection was lost.", afterMs: null };

function read(request: XMLHttpRequest): Outcome {
  const body = parse(request.responseText);
  const detail = body?.detail ?? "";
  switch (request.status) {
    case 200:
    case 201: {
      const photo = body?.photos?.[0];
      if (photo) return { kind: "stored", id: photo.id, ready: photo.status === "ready", twin: twin(photo) };
      return { kind: "refused", detail: body?.refused?.[0]?.detail ?? "The file was not taken." };
    }
    case 401:
      return { kind: "signed-out" };
    case 403:
      return { kind: "forbidden", detail: detail || "You may not add photos here." };
    case 413:
      return { kind: "refused", detail: detail || "The file is too large." };
    case 507:
      return { kind: "full", detail: body?.refused?.[0]?.detail ?? (detail || "The storage is full.") };
    case 408:
    case 429:
      return { kind: "later", detail: "The server asked to wait a little.", afterMs: retryAfter(request) };
    default:
      if (request.status >= 500) {
        return { kind: "later", detail: "The server could not take it just now.", afterMs: retryAfter(request) };
      }
      return { kind: "refused", detail: body?.refused?.[0]?.detail ?? (detail || "The file was not taken.") };
  }
}

/** What to say where the same content was there before; empty where it was not. */
function twin(photo: Uploaded["photos"][number]): string {
  if (!photo.duplicate_of) return "";
  const place = photo.duplicate_in ? `, in “${photo.duplicate_in}”` : "";
  return `You have this photo already${place}. Both are kept, unless you remove this one again.`;
}

function parse(text: string): (Partial<Uploaded> & Problem) | null {
  try {
    return JSON.parse(text) as Partial<Uploaded> & Problem;
  } catch {
    return null; // A proxy's own error page is no JSON.
  }
}

function retryAfter(request: XMLHttpRequest): number | null {
  const seconds = Number(request.getResponseHeader("Retry-After"));
  return seconds > 0 ? seconds * 1000 : null;
}
