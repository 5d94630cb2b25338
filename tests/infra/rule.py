"""The list of rules. A rule is a function that yields a message for each breach."""

from typing import Callable, Iterator

from infra.repository import Repository
from infra.stack import Stack

Rule = Callable[[Stack, Repository], Iterator[str]]
RULES: list[Rule] = []


def rule(check: Rule) -> Rule:
    """Adds a function to the list."""
    RULES.append(check)
    return check
