"""`./dev smoke`: asks a deployed API whether it works. It needs no account, and changes nothing."""

import json
import ssl
import urllib.error
import urllib.request
from typing import Any, Iterator, Mapping, NamedTuple, Optional

from dev.report import UserError, say

# Headers of every answer of a function, of every error, and of every refusal to an unknown caller.
OWN = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
JSON = {**OWN, "content-type": "application/json"}
REFUSAL = {**JSON, "www-authenticate": "Bearer"}
NOBODY = {"email": "nobody@smoke.invalid", "password": "Correct-Horse-7"}
# A token whose form is right: {"alg":"HS256"}, {}, and a wrong signature. To check it, a function needs its
# secret, and answers 503 if it cannot read the secret.
FORGED = "eyJhbGciOiJIUzI1NiJ9.e30.AA"
DOCUMENT = "/api/documents/00000000-0000-7000-8000-000000000000"
FOREIGN = "https://elsewhere.invalid"


class Answer(NamedTuple):
    """What the API answered. Names of headers are in lower case."""

    status: int
    headers: "dict[str, str]"
    body: str


class Step(NamedTuple):
    """A request, and the status and headers that its answer must have."""

    method: str
    path: str
    status: int
    headers: "Mapping[str, str]"
    body: object = None
    token: str = ""


# Each function behind the API has one request at least.
STEPS = (
    Step("GET", "/api/health", 200, JSON),
    Step("HEAD", "/api/health", 200, JSON),
    Step("GET", "/api/openapi.json", 200, OWN),
    Step("POST", "/api/auth/login", 401, REFUSAL, NOBODY),
    Step("POST", "/api/auth/register", 422, JSON, {**NOBODY, "password": "short"}),
    Step("POST", "/api/auth/password-reset/confirm", 422, JSON,
         {"token": "none", "new_password": "Correct-Horse-7"}),
    Step("POST", "/api/auth/verify", 422, JSON, {"token": "none"}),
    Step("GET", "/api/auth/me", 401, REFUSAL, token=FORGED),
    Step("GET", "/api/auth/me/quota", 401, REFUSAL, token=FORGED),
    Step("GET", "/api/topics", 401, REFUSAL, token=FORGED),
    Step("GET", "/api/documents", 401, REFUSAL, token=FORGED),
    Step("POST", "/api/documents/upload-url", 401, REFUSAL,
         {"filename": "a.txt", "content_type": "text/plain"}, FORGED),
    Step("POST", f"{DOCUMENT}/confirm", 401, REFUSAL, token=FORGED),
    Step("DELETE", DOCUMENT, 401, REFUSAL, token=FORGED),
    Step("GET", "/api/nothing", 404, {}),
)


class Api:
    """The API at an address. `trust` names the certificate authorities, if not those of the system."""

    def __init__(self, url: str, trust: Optional[ssl.SSLContext] = None) -> None:
        self.url = url.rstrip("/")
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust))

    def send(self, method: str, path: str, headers: "Mapping[str, str]", body: object = None) -> Answer:
        """Sends a request, and returns the answer. Raises a UserError if there is none."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **headers} if content else headers
        request = urllib.request.Request(self.url + path, data=content, headers=dict(headers), method=method)
        try:
            with self.opener.open(request, timeout=35) as answer:
                return read(answer)
        except urllib.error.HTTPError as error:
            return read(error)
        except OSError as error:
            raise UserError(f"{self.url} does not answer: {error}") from error


def read(answer: Any) -> Answer:
    """Reads an answer."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, headers, answer.read().decode(errors="replace"))


def run(url: str, origin: str = "") -> int:
    """Makes all requests, and prints what is not as it should be. Returns the exit code."""
    failures = list(find_failures(Api(url), origin))
    for failure in failures:
        say(f"  {failure}")
    say(f"FAILED: {len(failures)} answers of {url}" if failures else f"{url} works")
    return 1 if failures else 0


def find_failures(api: Api, origin: str) -> Iterator[str]:
    """Makes all requests, and yields a message for each wrong answer.

    With an origin, the API must admit its pages, and no others.
    """
    for step in STEPS:
        headers = {"authorization": f"Bearer {step.token}"} if step.token else {}
        yield from compare(step, api.send(step.method, step.path, headers, step.body))
    for page, expected in ((origin, origin), (FOREIGN, "")) if origin else ():
        answer = api.send("GET", "/api/health", {"origin": page})
        found = answer.headers.get("access-control-allow-origin", "")
        if found != expected:
            yield f"a page of {page} gets the header access-control-allow-origin: {found or 'missing'}"


def compare(step: Step, answer: Answer) -> Iterator[str]:
    """Yields a message for each difference between an answer and what it must be."""
    request = f"{step.method} {step.path}"
    if answer.status != step.status:
        yield f"{request}: status {answer.status}, and not {step.status}: {answer.body[:200]}"
        return
    for name, value in step.headers.items():
        if answer.headers.get(name) != value:
            yield f"{request}: the header {name} is {answer.headers.get(name, 'missing')}, and not {value}"
    if step.method == "HEAD" and answer.body:
        yield f"{request}: the answer has a body"
