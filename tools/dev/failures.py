"""Collects failed tests from the output of cargo and Python, with the command that runs each one again."""

import re
import shlex
from typing import NamedTuple

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FAILED = re.compile(r"test (.+?)(?: - should panic)? +\.\.\. FAILED")
RERUN = re.compile(r"error: test failed, to rerun pass `(.+)`")
PYTHON = re.compile(r"(?:FAIL|ERROR): (\w+) \(([\w.]+)\)")


class Failure(NamedTuple):
    """A failed test or check, and the command that runs it again."""

    name: str
    command: str


class CargoTests:
    """Parses the output of `cargo test --no-fail-fast`.

    Cargo prints the failed tests of a target first, and then the target. `command` ran the tests.
    """

    def __init__(self, command: str = "./dev test") -> None:
        self.command = command
        self.failures: "list[Failure]" = []
        self.names: "list[str]" = []

    def read(self, line: str) -> None:
        """Parses one line of output."""
        line = COLOUR.sub("", line).strip()
        if found := FAILED.match(line):
            self.names.append(found[1])
        elif found := RERUN.match(line):
            self.finish_target(found[1])

    def finish_target(self, target: str) -> None:
        """Records the failed tests of a target.

        A target that failed without naming a test crashed as a whole.
        """
        again = f"{self.command} {target}"
        named = [Failure(name, f"{again} -- --exact {shlex.quote(name)}") for name in self.names]
        self.failures += named or [Failure(f"all of {target}", again)]
        self.names = []


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
    again = (f"  {name}\n      {command}" for name, command in failures)
    return "\n".join([f"\nFAILED ({time}). To run each again:", *again])
