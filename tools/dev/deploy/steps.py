"""Prints the steps of a run, each with its seconds."""

import time
from contextlib import contextmanager
from typing import Iterator

from dev.report import say


@contextmanager
def step(what: str) -> "Iterator[list[str]]":
    """Prints a step once it has gone well, followed by the texts that were added to the list."""
    began, more = time.monotonic(), []
    try:
        yield more
    except BaseException:
        say(f"  failed   {what}")
        raise
    say(f"  {time.monotonic() - began:5.1f} s  {': '.join([what, *more])}")
