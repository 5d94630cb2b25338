"""HTTP requests to the local stack. They bypass any proxy that the user has configured."""

import json
import urllib.error
import urllib.request

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def status(url: str) -> int:
    """The status of a GET, or 0 if the server does not answer."""
    return request(url)[0]


def request(url: str, body: "bytes | None" = None, seconds: float = 5) -> "tuple[int, str]":
    """Sends a GET, or a POST if there is a JSON body.

    Returns status and text; status 0 and the error without an answer.
    """
    message = urllib.request.Request(url, data=body, headers={"content-type": "application/json"} if body else {})
    try:
        with OPENER.open(message, timeout=seconds) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except (OSError, urllib.error.URLError) as error:
        return 0, str(error)


def parsed(text: str) -> object:
    """The parsed JSON, or the text itself if it is not JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text
