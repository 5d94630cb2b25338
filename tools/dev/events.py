"""Log events: the page that operators read (docs/LOGGING.md) and the source name the same ones."""

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


def breaches() -> list[str]:
    """Events that are in the source or on the page, and not in the other."""
    paths = [path for path in fences.sources() if path.startswith(SOURCES)]
    written = {event: path for path in paths for event in in_source((settings.ROOT / path).read_text())}
    told = set(on_page((settings.ROOT / PAGE).read_text()))
    return [*(f"{written[event]}: {PAGE} does not have {shown(event)}" for event in sorted(written.keys() - told)),
            *(f"{PAGE}: no source has {shown(event)}" for event in sorted(told - written.keys()))]


def shown(event: Event) -> str:
    """An event as a reader looks for it."""
    return f'{event.level} "{event.message}" with {", ".join(event.fields) or "no fields"}'


def on_page(text: str) -> Iterator[Event]:
    """The rows of the page's tables."""
    for row in ROW.finditer(text):
        yield Event(row["message"], row["level"], tuple(sorted(re.findall(r"`([^`]+)`", row["fields"]))))


def in_source(text: str) -> Iterator[Event]:
    """The calls of tracing's macros. Unit tests, which end a file, make up events of their own."""
    text = fences.without_comments(text.partition("#[cfg(test)]")[0])
    for call in CALL.finditer(text):
        message, fields = "", []
        for argument in arguments(text[call.end():]):
            if argument.startswith('"'):
                message = argument[1:-1]
                break
            fields.append(re.match(r"[%?]?(\w+)", argument)[1])
        yield Event(message, call[1].upper(), tuple(sorted(fields)))


def arguments(text: str) -> Iterator[str]:
    """The arguments at the beginning of a text, up to the bracket that ends them."""
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
