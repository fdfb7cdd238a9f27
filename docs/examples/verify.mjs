// An application of the domain in one file: who is there, the way to sign in, and signing out.
//
// node verify.mjs    then open http://app.stsgym.localhost:8080

import { createServer } from "node:http";

// Where people reach this application, and where it reaches the auth-service from server to server.
const APP = process.env.APP_URL ?? "http://app.stsgym.localhost:8080";
const AUTH = process.env.AUTH_INTERNAL_URL ?? "http://127.0.0.1:5007";

// Whose session is this? Pass the Cookie header on as it came: the auth-service knows what to make of it.
// Throws when there is no answer. Then nobody is signed in.
async function verify(cookie) {
  const answer = await fetch(`${AUTH}/api/verify-session`, { headers: { cookie }, signal: AbortSignal.timeout(5000) });
  if (answer.status !== 200 && answer.status !== 401) throw new Error(`verify-session: ${answer.status}`);
  return answer.json();
}

// Ends the session everywhere. Any value that is no session is ignored there.
async function signOut(cookies) {
  for (const [, token] of cookies.matchAll(/(?:^|; *)photos_session=([\w-]+)/g)) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${AUTH}/api/logout`, { method: "POST", headers, signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(`logout: ${answer.status}`);
  }
}

async function page(request) {
  const session = await verify(request.headers.cookie ?? "");
  if (session.active) {
    // Keep what belongs to somebody under user.id: names and addresses change hands.
    const { id, username } = session.user;
    return [200, `${escape(username)} has the number ${id}.`];
  }
  // Somebody planted a cookie. Signing in again would not help before they are gone.
  if (session.reason === "ambiguous_session") return [401, "Please reload this page.", { "Clear-Site-Data": '"cookies"' }];
  if ((request.headers["sec-fetch-mode"] ?? "navigate") !== "navigate") return [401, session.reason];
  const back = encodeURIComponent(APP + request.url);
  return [302, "", { Location: `${session.login_url}?return_to=${back}` }];
}

async function change(request) {
  // Pages of sibling applications can send forms here too, with all cookies: only our own may.
  if (request.url !== "/sign-out" || request.headers["sec-fetch-site"] !== "same-origin") {
    return [403, "This came from another page."];
  }
  await signOut(request.headers.cookie ?? "");
  return [303, "", { Location: "/" }];
}

function escape(text) {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);
}

createServer(async (request, response) => {
  const away = (error) => [503, `Please try again in a moment (${escape(error.message)}).`, { "Retry-After": "5" }];
  const [status, text, headers] = await (request.method === "POST" ? change : page)(request).catch(away);
  response.writeHead(status, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", ...headers });
  response.end(text);
}).listen(new URL(APP).port, "127.0.0.1");
