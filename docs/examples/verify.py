"""An application of the domain in one file: who is there, the way to sign in, and signing out.

python3 verify.py    then open http://app.stsgym.localhost:8080
"""

import json
import os
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

# Where people reach this application, and where it reaches the auth-service from server to server.
APP = os.environ.get("APP_URL", "http://app.stsgym.localhost:8080")
AUTH = os.environ.get("AUTH_INTERNAL_URL", "http://127.0.0.1:5007")


def verify(cookies):
    """Whose session is this? Pass the Cookie header on as it came: the auth-service knows what to make of it.

    Raises an error when there is no answer. Then nobody is signed in.
    """
    try:
        with urlopen(Request(AUTH + "/api/verify-session", headers={"Cookie": cookies}), timeout=5) as answer:
            return json.load(answer)
    except HTTPError as refusal:
        if refusal.code == 401:
            return json.load(refusal)
        raise


def sign_out(cookies):
    """Ends the session everywhere. Any value that is no session is ignored there."""
    for pair in cookies.split(";"):
        name, _, token = pair.strip().partition("=")
        if name == "photos_session" and token.isascii() and token.replace("-", "").replace("_", "").isalnum():
            bearer = {"Authorization": "Bearer " + token}
            urlopen(Request(AUTH + "/api/logout", method="POST", headers=bearer), timeout=5).close()


class Application(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            session = verify(self.headers.get("Cookie", ""))
        except OSError:
            return self.answer(503, "Sign-in is away for a moment. Please try again.", {"Retry-After": "5"})
        if session["active"]:
            # Keep what belongs to somebody under user.id: names and addresses change hands.
            user = session["user"]
            return self.answer(200, f"{escape(user['username'])} has the number {user['id']}.")
        if session["reason"] == "ambiguous_session":
            # Somebody planted a cookie. Signing in again would not help before they are gone.
            return self.answer(401, "Please reload this page.", {"Clear-Site-Data": '"cookies"'})
        if self.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
            return self.answer(401, session["reason"])
        back = quote(APP + self.path, safe="")
        self.answer(302, "", {"Location": f"{session['login_url']}?return_to={back}"})

    def do_POST(self):
        # Pages of sibling applications can send forms here too, with all cookies: only our own may.
        if self.path != "/sign-out" or self.headers.get("Sec-Fetch-Site") != "same-origin":
            return self.answer(403, "This came from another page.")
        try:
            sign_out(self.headers.get("Cookie", ""))
        except OSError:
            return self.answer(503, "You are still signed in. Please try again.", {"Retry-After": "5"})
        self.answer(303, "", {"Location": "/"})

    def answer(self, status, text, headers={}):
        body = text.encode()
        self.send_response(status)
        everywhere = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        for name, value in {**everywhere, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", urlsplit(APP).port), Application).serve_forever()
