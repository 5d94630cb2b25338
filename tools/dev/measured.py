"""Reads figures from the table of `./dev bench`, which README.md contains."""

import re
from pathlib import Path
from typing import NamedTuple

from dev import settings
from dev.report import UserError

README = settings.ROOT / "README.md"


class Function(NamedTuple):
    """A warm invocation: its time on a whole core, and its round trips."""

    busy_ms: float
    postgres_trips: float
    store_trips: float

    def times(self, factor: float) -> "Function":
        """Returns an invocation with this many times the work."""
        return Function(*(factor * part for part in self))


class Measured(NamedTuple):
    """The functions that an upload needs. `classify` is measured for each document."""

    functions: "dict[str, Function]"

    @property
    def store_trips(self) -> float:
        """Returns the requests to the store for one upload."""
        return sum(function.store_trips for function in self.functions.values())


def read(report: Path = README) -> Measured:
    """Reads the table in a file."""
    return parse(report.read_text())


def parse(table: str) -> Measured:
    """Reads the lines of the table that the cost of an upload depends on."""
    functions = {}
    for name in ("upload-url", "confirm"):
        [micros] = find(rf"CPU per warm request: {name} \|.*\(([\d.]+) us\)", table)
        postgres, store = find(rf"round trips per warm request: {name} \|.*\| ([\d.]+) \+ ([\d.]+) \|", table)
        functions[name] = Function(micros / 1000, postgres, store)
    [rate] = find(r"queue of 1,000 small documents, builtin \|.*\(([\d.]+) a second\)", table)
    postgres, store = find(r"round trips per document of classify \|.*\| ([\d.]+) Postgres \+ ([\d.]+) store", table)
    # The time between two documents contains round trips over loopback, too.
    functions["classify"] = Function(1000 / rate, postgres, store)
    return Measured(functions)


def find(pattern: str, table: str) -> "list[float]":
    """Returns the numbers in the only line of the table that matches."""
    found = re.findall(rf"^\| {pattern}", table, re.MULTILINE)
    if len(found) != 1:
        raise UserError(f"The table of the benchmark has {len(found)} lines like `{pattern}`. Run ./dev bench.")
    return [float(number) for number in ([found[0]] if isinstance(found[0], str) else found[0])]
