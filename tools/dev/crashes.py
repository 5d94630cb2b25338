"""Reports crashed function processes.

Sandboxes log each crash in functions.log; `./dev up` repeats it on the terminal.
"""

import json
from pathlib import Path

from dev.report import say

MARK = b"a function's process died"


class CrashReporter:
    """Follows the log and reports each crash once."""

    def __init__(self, log: Path) -> None:
        self.log, self.offset = log, 0

    def report(self) -> None:
        """Prints a line for each crash that was logged since the last call."""
        for line in self.new_lines():
            if MARK in line:
                self.print_crash(line)

    def new_lines(self) -> list:
        """Returns the complete lines that were added since the last call; none if the log is gone."""
        try:
            with self.log.open("rb") as log:
                log.seek(self.offset)
                text = log.read()
        except OSError:
            return []
        complete = text[:text.rfind(b"\n") + 1]
        self.offset += len(complete)
        return complete.splitlines()

    def print_crash(self, line: bytes) -> None:
        """Prints which function crashed and why. Ignores lines with `MARK` that are not a crash in JSON."""
        try:
            fields = json.loads(line)
            say(f"  a process of {fields['function']} died ({fields['reason']}) and is being restarted; see {self.log}")
        except (ValueError, KeyError, TypeError):
            pass
