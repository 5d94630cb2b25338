"""The smoke test names each wrong answer of an API."""

import base64
import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from dev import smoke
from dev.report import UserError

PAGE = "https://vault.example"


def is_token(text: str) -> bool:
    """Tells whether a text has the form of an access token, whose check needs the secret."""
    try:
        header, payload, _ = text.split(".")
        parts = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, payload)]
    except ValueError:
        return False
    return parts[0].get("alg") == "HS256"


class FakeApi(BaseHTTPRequestHandler):
    """Answers as the API should, except for what a test has changed."""

    # Whether functions can read the secret of access tokens.
    has_secret = True
    changed: "dict[str, tuple[int, dict]]" = {}
    admits_all = False

    def answer(self) -> None:
        """Answers a request by the step that it belongs to."""
        step = next(one for one in smoke.STEPS if (one.method, one.path) == (self.command, self.path))
        status, headers = self.changed.get(self.path, (step.status, step.headers))
        if not self.has_secret and is_token(self.headers.get("authorization", "").removeprefix("Bearer ")):
            status, headers = 503, smoke.JSON
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.headers.get("origin") and (self.admits_all or self.headers["origin"] == PAGE):
            self.send_header("access-control-allow-origin", self.headers["origin"])
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_POST = do_DELETE = answer

    def log_message(self, *_: object) -> None:
        """Prints nothing."""


class Smoke(unittest.TestCase):
    def find(self, changed: dict, admits_all: bool = False, origin: str = PAGE, has_secret: bool = True) -> "list[str]":
        """Returns what the smoke test says about an API with these changes."""
        api = type("FakeApi", (FakeApi,), {"changed": changed, "admits_all": admits_all, "has_secret": has_secret})
        server = ThreadingHTTPServer(("127.0.0.1", 0), api)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            return list(smoke.find_failures(smoke.Api(f"http://127.0.0.1:{server.server_port}/"), origin))
        finally:
            server.shutdown()
            server.server_close()

    def test_an_api_that_works_passes(self):
        self.assertEqual(self.find({}), [])

    def test_a_wrong_status_is_named(self):
        (failure,) = self.find({"/api/topics": (502, {})})
        self.assertIn("GET /api/topics: status 502, and not 401", failure)

    def test_a_secret_that_cannot_be_read_is_noticed_in_each_function_that_needs_it(self):
        paths = [failure.split(": ")[0] for failure in self.find({}, has_secret=False)]
        self.assertEqual(paths, ["GET /api/auth/me", "GET /api/auth/me/quota", "GET /api/topics", "GET /api/documents",
                                 "POST /api/documents/upload-url", f"POST {smoke.DOCUMENT}/confirm", f"DELETE {smoke.DOCUMENT}"])

    def test_a_missing_header_is_named(self):
        (failure,) = self.find({"/api/documents": (401, smoke.JSON)})
        self.assertIn("the header www-authenticate is missing", failure)

    def test_a_foreign_page_must_not_be_admitted(self):
        (failure,) = self.find({}, admits_all=True)
        self.assertIn(smoke.FOREIGN, failure)
        self.assertEqual(self.find({}, admits_all=True, origin=""), [])

    def test_an_own_page_must_be_admitted(self):
        failures = self.find({}, origin="https://other.example")
        self.assertEqual(failures, ["a page of https://other.example gets the header access-control-allow-origin: missing"])

    def test_an_api_that_does_not_answer_is_an_error(self):
        with self.assertRaisesRegex(UserError, "does not answer"):
            list(smoke.find_failures(smoke.Api("http://127.0.0.1:1"), ""))


if __name__ == "__main__":
    unittest.main()
