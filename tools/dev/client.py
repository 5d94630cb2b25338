"""HTTP requests to the local stack. They bypass any proxy that the user has configured."""

import json
import urllib.error
import urllib.request

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get_status(url: str) -> int:
    """Sends a GET and returns the status, or 0 if the server does not answer."""
    return send_request(url)[0]


def send_request(url: str, body: "bytes | None" = None, seconds: float = 5) -> "tuple[int, str]":
    """Sends a GET, or a POST if there is a JSON body.

    Returns the status and the text of the answer. Without an answer, returns 0 and the error.
    """
    message = urllib.request.Request(url, data=body, headers={"content-type": "application/json"} if body else {})
    try:
        with OPENER.open(message, timeout=seconds) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except (OSError, urllib.error.URLError) as error:
        return 0, str(error)


def parse_json(text: str) -> object:
    """Parses JSON. Returns a text that is not JSON unchanged."""
    try:
        return json.loads(text)
    except ValueError:
        return text
