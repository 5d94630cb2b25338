"""Where a deployed stack is tested: the stack, a user of it and its database."""

import time
from typing import Any, Callable, NamedTuple

from dev.deploy.caller import Caller
from dev.deploy.stack import Stack


class Unexpected(Exception):
    """A result was not as expected."""


def check(what: str, found: object, expected: object) -> None:
    """Raises `Unexpected` if two values differ."""
    if found != expected:
        raise Unexpected(f"{what}: {found}, not {expected}")


class Place(NamedTuple):
    """Where the work is done."""

    stack: Stack
    caller: Caller
    # Runs a statement as the database's superuser, and returns what it selects.
    sql: Callable[[str], str]
    # Seconds until what happens by itself must have happened.
    patience: float = 30

    def wait_for(self, what: str, is_done: Callable[[], Any]) -> None:
        """Waits until a condition holds. Raises `Unexpected` if it does not hold in time."""
        deadline = time.monotonic() + self.patience
        while not is_done():
            if time.monotonic() > deadline:
                raise Unexpected(f"{what}: not within {self.patience} s")
            time.sleep(0.1)

    def check_outcome(self, what: str, document: str, expected: str) -> None:
        """Waits for the end of a document's classification, and compares how it ended."""
        check(what, self.caller.wait(document, self.patience), expected)

    def is_stored(self, document: str) -> bool:
        """Returns whether a document has an object."""
        return any(document in key for key in self.stack.objects())

    def store_classified(self) -> str:
        """Uploads a document, and waits until it is classified. Returns its id."""
        document = self.caller.store()
        check("confirmation", self.caller.confirm(document)[0], 200)
        self.check_outcome("status", document, "classified")
        return document
