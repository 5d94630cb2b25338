"""A user of the deployed API."""

import base64
import hmac
import json
import ssl
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

from dev.deploy.stack import Stack

PASSWORD = "Correct-Horse-7"


class Caller:
    """A user with an account of its own."""

    def __init__(self, stack: Stack) -> None:
        """Registers the account and logs in."""
        self.api, self.trust = stack.api, stack.emulator.trust()
        self.account = {"email": f"{uuid.uuid4()}@example.com", "password": PASSWORD}
        self.token, self.id = "none", ""
        self.id = self.expect("POST", "/api/auth/register", 201, self.account)["id"]
        self.token = self.expect("POST", "/api/auth/login", 200, self.account)["access_token"]

    def call(self, method: str, path: str, body: object = None) -> "tuple[int, Any]":
        """Sends a request to the API. Returns the status, and the body if it is JSON."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        status, text = send(method, self.api + path, content, headers, self.trust)
        return status, json.loads(text) if text.startswith((b"{", b"[")) else {}

    def expect(self, method: str, path: str, status: int, body: object = None) -> Any:
        """Sends a request whose answer must have this status, and returns the body of the answer."""
        found, answer = self.call(method, path, body)
        if found != status:
            raise RuntimeError(f"{method} {path}: {found} {answer}, not {status}")
        return answer

    def begin(self) -> dict:
        """Gets an upload URL."""
        return self.expect("POST", "/api/documents/upload-url", 201, {"filename": "a.txt", "content_type": "text/plain"})

    def put(self, upload: dict) -> int:
        """Stores an object by an upload URL, and returns the status."""
        return send("PUT", upload["upload_url"], b"An invoice, payable at once.", upload["headers"], self.trust)[0]

    def store(self) -> str:
        """Stores an object without confirming it. Returns the document's id."""
        upload = self.begin()
        if (status := self.put(upload)) != 200:
            raise RuntimeError(f"PUT: {status}")
        return upload["document_id"]

    def confirm(self, document: str) -> "tuple[int, Any]":
        """Sends a confirmation. Returns status and body."""
        return self.call("POST", f"/api/documents/{document}/confirm")

    def wait(self, document: str, seconds: float) -> str:
        """Waits for the end of a classification. Returns the document's status, or the failure's code."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.expect("GET", f"/api/documents/{document}", 200)
            if found["status"] != "uploaded" or time.monotonic() > deadline:
                return (found.get("failure") or {}).get("code") or found["status"]
            time.sleep(0.1)


def send(method: str, url: str, body: "bytes | None", headers: dict, trust: ssl.SSLContext) -> "tuple[int, bytes]":
    """Sends a request, and returns the status and the body of the answer."""
    request = urllib.request.Request(url, method=method, data=body, headers=headers)
    handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def totp_code(secret: str, later: int = 0) -> str:
    """Returns the code of a secret in base 32, `later` time steps after this one (RFC 6238)."""
    step = int(time.time()) // 30 + later
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset:offset + 4], 'big') & 0x7fffffff) % 10**6:06}"
