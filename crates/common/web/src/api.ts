/** The JSON interface as the scripts use it. */
import { find } from "./dom";

export interface Rendition {
  url: string;
  width: number;
  height: number;
}

export interface Photo {
  id: number;
  filename: string;
  title: string | null;
  status: "pending" | "ready" | "failed";
  failure: { reason: string; detail: string | null } | null;
  width: number | null;
  height: number | null;
  dominant_colour: string | null;
  renditions: { thumbnail: Rendition | null; thumbnail_2x: Rendition | null; preview: Rendition | null };
}

export interface Refusal {
  filename: string;
  reason: string;
  detail: string;
}

export interface Uploaded {
  photos: { id: number; filename: string; status: Photo["status"]; duplicate_of?: number; duplicate_in?: string | null }[];
  refused: Refusal[];
}

/** An RFC 9457 problem document; an upload's carries its refusals too. */
export interface Problem {
  title?: string;
  status?: number;
  detail?: string;
  refused?: Refusal[];
}

const tokenTag = find<HTMLMetaElement>('meta[name="csrf-token"]');

export const csrfToken = (): string => tokenTag?.content ?? "";

export async function getJson<T>(url: string): Promise<T> {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return (await answer.json()) as T;
}

/** Takes up the token of a session that began in another tab. True when somebody is signed in. */
export async function renewToken(): Promise<boolean> {
  const session = await getJson<{ authenticated: boolean; csrf_token: string }>("/auth/session");
  if (tokenTag && session.csrf_token) tokenTag.content = session.csrf_token;
  return session.authenticated;
}

/** Sends a change. A token grows old when the session is renewed elsewhere, so a refusal is tried once with a fresh one. */
export async function sendJson<T>(method: string, url: string, body: unknown, again = true): Promise<T> {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": csrfToken() };
  const answer = await fetch(url, { method, headers, credentials: "same-origin", body: JSON.stringify(body) });
  if (answer.status === 403 && again && (await renewToken().catch(() => false))) return sendJson(method, url, body, false);
  const text = await answer.text();
  const found: unknown = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error((found as Problem | null)?.detail ?? "That did not work. Please try again.");
  return found as T;
}
