"""Prints to the terminal: progress, and errors that end a command."""

import sys
import time
from pathlib import Path


class UserError(Exception):
    """An error that the user can act on. The message is all that the user sees: it says what to do."""


def say(text: str = "") -> None:
    """Prints a line and flushes it. A closed pipe is ignored."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open("/dev/null", "w")


def print_error(text: str) -> None:
    """Prints an error on standard error, apart from the command's output."""
    print(f"./dev: {text}", file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """Returns a duration as text: `1 min 05 s`, or `5 s` below a minute."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def tail(log: Path, lines: int = 15) -> str:
    """Returns the last lines of a log, indented, to be appended to a message."""
    try:
        text = log.read_text(errors="replace").splitlines()[-lines:]
    except OSError:
        return ""
    return "".join(f"\n    {line}" for line in text)


class Heartbeat:
    """Prints every few seconds that a command without output is still running."""

    def __init__(self, what: str, every: float = 15) -> None:
        self.what, self.every = what, every
        self.began = self.printed = time.monotonic()

    def beat(self) -> None:
        """Prints the message if `every` seconds have passed since the last time."""
        now = time.monotonic()
        if now - self.printed >= self.every:
            self.printed = now
            say(f"  ... {self.what}: {duration(now - self.began)}")

    def elapsed(self) -> str:
        """Returns the time since the start, as text."""
        return duration(time.monotonic() - self.began)
