"""Finds the metrics that the programs write into their log lines.

A log event has them as fields: `metric.confirmed_bytes = size`. With a field `dimension.code`, CloudWatch
also has one such metric for each value of `code`.
"""

import re
from typing import Iterator, NamedTuple

from dev import events, fences, settings

FIELD = re.compile(r"(metric|dimension)\.(\w+)")


class Metric(NamedTuple):
    """A metric of the vault's own namespace."""

    name: str
    dimensions: tuple
    # The source file that writes it.
    path: str


def read() -> "list[Metric]":
    """Finds the metrics in the source of the programs that are deployed."""
    paths = [path for path in fences.list_sources() if path.startswith(events.SOURCES)]
    return [metric for path in paths for metric in find_metrics(path, (settings.ROOT / path).read_text())]


def find_metrics(path: str, text: str) -> Iterator[Metric]:
    """Finds the metrics in a source file. Ignores the unit tests at the end of the file."""
    text = fences.blank_comments(text.partition("#[cfg(test)]")[0])
    for call in events.CALL.finditer(text):
        arguments = events.split_arguments(text[call.end():])
        fields = [field for argument in arguments if (field := FIELD.match(argument))]
        dimensions = tuple(field[2] for field in fields if field[1] == "dimension")
        for field in fields:
            if field[1] == "metric":
                yield Metric(field[2], dimensions, path)
