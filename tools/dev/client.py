"""HTTP to the local stack, past any proxy of the user's."""

import json
import urllib.error
import urllib.request

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def status(url: str) -> int:
    """The status of a GET; 0 where nobody answers."""
    return request(url)[0]


def request(url: str, body: "bytes | None" = None, seconds: float = 5) -> "tuple[int, str]":
    """Status and text of a GET, or of a POST of JSON; status 0 and the reason where nobody answers."""
    message = urllib.request.Request(url, data=body, headers={"content-type": "application/json"} if body else {})
    try:
        with OPENER.open(message, timeout=seconds) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except (OSError, urllib.error.URLError) as error:
        return 0, str(error)


def parsed(text: str) -> object:
    """JSON, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
