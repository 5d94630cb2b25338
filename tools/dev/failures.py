"""Collects failed tests from the output of cargo and Python, with the command that runs each one again, and
the last lines that it printed, so that the end of a long run tells why it failed."""

import re
import shlex
from collections import deque
from typing import NamedTuple

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FAILED = re.compile(r"test (.+?)(?: - should panic)? +\.\.\. FAILED")
RERUN = re.compile(r"error: test failed, to rerun pass `(.+)`")
PRINTED = re.compile(r"---- (.+?)(?: stdout)? ----")
PYTHON = re.compile(r"(?:FAIL|ERROR): (\w+) \(([\w.]+)\)")
# The most lines of a test's output that are repeated at the end.
MOST_LINES = 20


class Failure(NamedTuple):
    """A failed test or check, the command that runs it again, and the last lines that it printed."""

    name: str
    command: str
    printed: "tuple[str, ...]" = ()


class CargoTests:
    """Parses the output of `cargo test --no-fail-fast`.

    Cargo prints the failed tests of a target first, then what each has printed, then their names once more,
    and then the target. `command` ran the tests.
    """

    def __init__(self, command: str = "./dev test") -> None:
        self.command = command
        self.failures: "list[Failure]" = []
        self.names: "list[str]" = []
        self.printed: "dict[str, deque[str]]" = {}
        self.printing: "str | None" = None

    def read(self, line: str) -> None:
        """Parses one line of output."""
        line = COLOUR.sub("", line).rstrip()
        if found := FAILED.match(line):
            self.names.append(found[1])
        elif found := RERUN.match(line):
            self.finish_target(found[1])
        elif found := PRINTED.fullmatch(line):
            self.printing = found[1]
        elif line == "failures:":
            self.printing = None
        elif self.printing and line:
            self.printed.setdefault(self.printing, deque(maxlen=MOST_LINES)).append(line)

    def finish_target(self, target: str) -> None:
        """Records the failed tests of a target.

        A target that failed without naming a test crashed as a whole.
        """
        again = f"{self.command} {target}"
        named = [Failure(name, f"{again} -- --exact {shlex.quote(name)}", tuple(self.printed.get(name, ())))
                 for name in self.names]
        self.failures += named or [Failure(f"all of {target}", again)]
        self.names, self.printed, self.printing = [], {}, None


class PythonTests:
    """Parses the output of `python -m unittest`."""

    def __init__(self) -> None:
        self.failures: "list[Failure]" = []

    def read(self, line: str) -> None:
        """Parses one line of output. Since Python 3.11 the printed path ends with the name of the test."""
        if found := PYTHON.match(line):
            test, place = found.groups()
            path = place if place.endswith(f".{test}") else f"{place}.{test}"
            self.failures.append(Failure(path, f"(cd tools && python3 -m unittest {path})"))


def summarize(failures: "list[Failure]", time: str) -> str:
    """Formats the last lines of a test run: the failures, or that all passed."""
    if not failures:
        return f"\nall passed ({time})"
    parts = ("\n".join([*(f"    | {line}" for line in failure.printed), f"  {failure.name}", f"      {failure.command}"])
             for failure in failures)
    return "\n".join([f"\nFAILED ({time}). To run each again:", *parts])
