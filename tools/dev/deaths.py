"""Functions' processes that died, as their sandboxes write it down in the functions' log."""

import json
from pathlib import Path

from dev.report import say

MARK = b"a function's process died"


class Deaths:
    """Reads what is added to the log, and tells of each death once."""

    def __init__(self, log: Path) -> None:
        self.log, self.read = log, 0

    def tell(self) -> None:
        """Says which functions have died since the last time, and of what."""
        for line in self.added():
            if MARK in line:
                self.tell_of(line)

    def added(self) -> list:
        """The complete lines that are new; none of a log that somebody has removed."""
        try:
            with self.log.open("rb") as log:
                log.seek(self.read)
                text = log.read()
        except OSError:
            return []
        complete = text[:text.rfind(b"\n") + 1]
        self.read += len(complete)
        return complete.splitlines()

    def tell_of(self, line: bytes) -> None:
        """One sentence; what only looks like our sandbox's line is left alone."""
        try:
            fields = json.loads(line)["fields"]
            say(f"  a process of {fields['function']} died ({fields['reason']}) and is started anew; its log is {self.log}")
        except (ValueError, KeyError, TypeError):
            pass
