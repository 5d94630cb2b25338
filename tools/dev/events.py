"""Checks that docs/LOGGING.md, which operators read, lists exactly the source's log events and metrics."""

import re
from typing import Callable, Iterable, Iterator, NamedTuple, TypeVar

from dev import fences, settings

PAGE = "docs/LOGGING.md"
# The programs that are deployed.
SOURCES = ("src/", "functions/", "crates/")

CALL = re.compile(r"\btracing::(trace|debug|info|warn|error)!\(")
ROW = re.compile(r"^\| `(?P<message>[^`]+)` \| (?P<level>[A-Z]+) \| (?P<fields>[^|]*)\|", re.MULTILINE)
METRIC_ROW = re.compile(
    r"^\| `(?P<name>\w+)` \| (?P<unit>[a-z]+) \| (?:`(?P<dimension>\w+)`)? ?\| `(?P<message>[^`]+)` \|", re.MULTILINE)
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
# The name of a field, which says whether it is a metric or a dimension (src/telemetry/metrics.rs), and the
# sign before its value.
FIELD = re.compile(r"(?P<kind>metric\.|dimension\.)?[%?]?(?P<name>\w+)(?P<form>\s*=\s*[%?])?")
# The units by the ends of the names. Other metrics are counts.
UNITS = {"bytes": "bytes", "us": "microseconds", "s": "seconds"}
# What CloudWatch accepts in one line, and in one set of dimensions.
MOST_METRICS, MOST_DIMENSIONS = 100, 30


class Event(NamedTuple):
    """One kind of log line."""

    message: str
    level: str
    fields: tuple


class Metric(NamedTuple):
    """A field of which CloudWatch makes a metric, and the field by whose values it divides the metric."""

    name: str
    unit: str
    dimension: str
    message: str


# An event or a metric.
Entry = TypeVar("Entry", Event, Metric)


class Call(NamedTuple):
    """A call of one of tracing's macros."""

    level: str
    message: str
    fields: "list[re.Match[str]]"

    def names(self, kind: str = "") -> list[str]:
        """Lists the names of the fields as the log has them, or those of one kind."""
        return [field["name"] for field in self.fields if not kind or field["kind"] == kind]


def find_breaches() -> list[str]:
    """Returns a message for each event and metric that only the source or only the page has."""
    texts, page = read_sources(), (settings.ROOT / PAGE).read_text()
    events = {event: path for path, text in texts.items() for event in find_events(text)}
    return [*compare(events, read_page(page), describe),
            *compare(list_metrics(), read_metrics(page), describe_metric),
            *(f"{path}: {breach}" for path, text in texts.items() for breach in find_misuse(text))]


def read_sources() -> dict[str, str]:
    """Reads the source of the programs that are deployed, by the paths of its files."""
    paths = [path for path in fences.list_sources() if path.startswith(SOURCES)]
    return {path: (settings.ROOT / path).read_text() for path in paths}


def list_metrics() -> "dict[Metric, str]":
    """Lists the metrics of the source, each with the path of a file that writes it."""
    return {metric: path for path, text in read_sources().items() for metric in find_metrics(text)}


def compare(written: dict[Entry, str], told: Iterable[Entry], name: Callable[[Entry], str]) -> list[str]:
    """Compares what the source has, with the paths of its files, to what the page has."""
    told = set(told)
    return [*(f"{written[one]}: {PAGE} does not have {name(one)}" for one in sorted(written.keys() - told)),
            *(f"{PAGE}: no source has {name(one)}" for one in sorted(told - written.keys()))]


def describe(event: Event) -> str:
    """Describes an event in a message."""
    return f'{event.level} "{event.message}" with {", ".join(event.fields) or "no fields"}'


def describe_metric(metric: Metric) -> str:
    """Describes a metric in a message."""
    by = f" by {metric.dimension}" if metric.dimension else ""
    return f'the metric {metric.name} in {metric.unit}{by} of "{metric.message}"'


def read_page(text: str) -> Iterator[Event]:
    """Reads the events from the tables of the page."""
    for row in ROW.finditer(text):
        yield Event(row["message"], row["level"], tuple(sorted(re.findall(r"`([^`]+)`", row["fields"]))))


def read_metrics(text: str) -> Iterator[Metric]:
    """Reads the metrics from the table of the page."""
    for row in METRIC_ROW.finditer(text):
        yield Metric(row["name"], row["unit"], row["dimension"] or "", row["message"])


def find_events(text: str) -> Iterator[Event]:
    """Finds the events in a source file."""
    for call in find_calls(text):
        yield Event(call.message, call.level, tuple(sorted(call.names())))


def find_metrics(text: str) -> Iterator[Metric]:
    """Finds the metrics in a source file."""
    for call in find_calls(text):
        for name in call.names("metric."):
            unit = UNITS.get(name.rpartition("_")[2] if "_" in name else "", "count")
            yield Metric(name, unit, ", ".join(call.names("dimension.")), call.message)


def find_misuse(text: str) -> Iterator[str]:
    """Finds metrics that are not numbers, fields that a line has twice, and more than CloudWatch accepts."""
    for call in find_calls(text):
        for field in call.fields:
            if field["kind"] == "metric." and field["form"]:
                yield f"the metric {field['name']} would be a text"
        for name in sorted({name for name in call.names() if call.names().count(name) > 1}):
            yield f'"{call.message}" has the field {name} twice'
        if len(call.names("metric.")) > MOST_METRICS or len(call.names("dimension.")) > MOST_DIMENSIONS:
            yield f'"{call.message}" has too many metrics or dimensions'


def find_calls(text: str) -> Iterator[Call]:
    """Finds the calls of tracing's macros in a source file. Ignores the unit tests at the end of the file."""
    text = fences.blank_comments(text.partition("#[cfg(test)]\nmod tests")[0])
    for call in CALL.finditer(text):
        message, fields = "", []
        for argument in split_arguments(text[call.end():]):
            if argument.startswith('"'):
                message = argument[1:-1]
                break
            fields.append(FIELD.match(argument))
        yield Call(call[1].upper(), message, fields)


def split_arguments(text: str) -> Iterator[str]:
    """Splits the arguments of a call. The text begins after the opening bracket."""
    depth = begin = at = 0
    while depth >= 0:
        if literal := TEXT.match(text, at):
            at = literal.end()
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth < 0 or depth == 0 and text[at] == ",":
            if argument := text[begin:at].strip():
                yield argument
            begin = at + 1
        at += 1
