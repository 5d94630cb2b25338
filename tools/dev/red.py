"""What was red, by name, and the command that runs just that: read from what cargo and Python say as they go."""

import re
import shlex
from typing import NamedTuple

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FAILED = re.compile(r"test (.+?)(?: - should panic)? +\.\.\. FAILED")
RERUN = re.compile(r"error: test failed, to rerun pass `(.+)`")
PYTHON = re.compile(r"(?:FAIL|ERROR): (\w+) \(([\w.]+)\)")


class Red(NamedTuple):
    """One test or check, and how to run it again."""

    name: str
    command: str


class CargoTests:
    """The failures of `cargo test --no-fail-fast`: it names the target after the tests of the target."""

    def __init__(self) -> None:
        self.red: "list[Red]" = []
        self.names: "list[str]" = []

    def hear(self, line: str) -> None:
        """One line of its output."""
        line = COLOUR.sub("", line).strip()
        if found := FAILED.match(line):
            self.names.append(found[1])
        elif found := RERUN.match(line):
            self.end(found[1])

    def end(self, target: str) -> None:
        """A target that failed without naming a test died as a whole."""
        again = f"./dev test {target}"
        named = [Red(name, f"{again} -- --exact {shlex.quote(name)}") for name in self.names]
        self.red += named or [Red(f"all of {target}", again)]
        self.names = []


class PythonTests:
    """The failures of `python -m unittest`."""

    def __init__(self) -> None:
        self.red: "list[Red]" = []

    def hear(self, line: str) -> None:
        """One line of its output."""
        if found := PYTHON.match(line):
            test, place = found.groups()
            path = place if place.endswith(f".{test}") else f"{place}.{test}"
            self.red.append(Red(path, f"(cd tools && python3 -m unittest {path})"))


def ended(red: "list[Red]", time: str) -> str:
    """The last lines of a run."""
    if not red:
        return f"\nall passed ({time})"
    return "\n".join([f"\nFAILED ({time}). To run each again:", *(f"  {name}\n      {command}" for name, command in red)])
