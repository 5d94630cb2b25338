"""Checks that docs/LOGGING.md, which operators read, lists exactly the log events of the source."""

import re
from typing import Iterator, NamedTuple

from dev import fences, settings

PAGE = "docs/LOGGING.md"
# The programs that are deployed.
SOURCES = ("src/", "functions/", "crates/")

CALL = re.compile(r"\btracing::(trace|debug|info|warn|error)!\(")
ROW = re.compile(r"^\| `(?P<message>[^`]+)` \| (?P<level>[A-Z]+) \| (?P<fields>[^|]*)\|", re.MULTILINE)
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


class Event(NamedTuple):
    """One kind of log line."""

    message: str
    level: str
    fields: tuple


def find_breaches() -> list[str]:
    """Returns a message for each event that only the source or only the page has."""
    paths = [path for path in fences.list_sources() if path.startswith(SOURCES)]
    written = {event: path for path in paths for event in find_events((settings.ROOT / path).read_text())}
    told = set(read_page((settings.ROOT / PAGE).read_text()))
    return [*(f"{written[event]}: {PAGE} does not have {describe(event)}" for event in sorted(written.keys() - told)),
            *(f"{PAGE}: no source has {describe(event)}" for event in sorted(told - written.keys()))]


def describe(event: Event) -> str:
    """Describes an event in a message."""
    return f'{event.level} "{event.message}" with {", ".join(event.fields) or "no fields"}'


def read_page(text: str) -> Iterator[Event]:
    """Reads the events from the tables of the page."""
    for row in ROW.finditer(text):
        yield Event(row["message"], row["level"], tuple(sorted(re.findall(r"`([^`]+)`", row["fields"]))))


def find_events(text: str) -> Iterator[Event]:
    """Finds the calls of tracing's macros in a source file. Ignores the unit tests at the end of the file."""
    text = fences.blank_comments(text.partition("#[cfg(test)]")[0])
    for call in CALL.finditer(text):
        message, fields = "", []
        for argument in split_arguments(text[call.end():]):
            if argument.startswith('"'):
                message = argument[1:-1]
                break
            fields.append(re.match(r"[%?]?(\w+)", argument)[1])
        yield Event(message, call[1].upper(), tuple(sorted(fields)))


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
