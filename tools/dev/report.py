"""What `./dev` tells: lines for people, and problems that end it with one sentence."""

import sys
import time
from pathlib import Path


class Problem(Exception):
    """Something the user can act on: the text is all they get to see."""


def say(text: str = "") -> None:
    """Prints a line at once; a reader that went away is no reason to fail."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open("/dev/null", "w")


def complain(text: str) -> None:
    """Prints why we end, where it can't be taken for an answer."""
    print(f"./dev: {text}", file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """1:05 for people; seconds below a minute."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, indented to stand below a sentence."""
    try:
        text = log.read_text(errors="replace").splitlines()[-lines:]
    except OSError:
        return ""
    return "".join(f"\n    {line}" for line in text)


class Heartbeat:
    """Says every few seconds that something silent still runs, and for how long."""

    def __init__(self, what: str, every: float = 15) -> None:
        self.what, self.every = what, every
        self.began = self.said = time.monotonic()

    def beat(self) -> None:
        """To be called often; prints seldom."""
        now = time.monotonic()
        if now - self.said >= self.every:
            self.said = now
            say(f"  ... {self.what}: {duration(now - self.began)}")

    def elapsed(self) -> str:
        """Time since the start, for people."""
        return duration(time.monotonic() - self.began)
