"""Small changes of the template, which the mutants are made of.

A path names a property of a resource (`Queue/VisibilityTimeout`), an attribute of one (`@Queue/DependsOn`),
or any place (`/Parameters/Stage/Default`). Numbers are places in lists.
"""

import copy
from typing import Any, Callable

Change = Callable[[dict], None]


def find(template: dict, path: str) -> tuple[Any, Any]:
    """Returns the object or list that contains a place, and the key of the place."""
    first, *rest = path.split("/")
    if not first:
        steps = rest
    elif first.startswith("@"):
        steps = ["Resources", first[1:], *rest]
    else:
        steps = ["Resources", first, "Properties", *rest]
    at: Any = template
    for step in steps[:-1]:
        at = at[int(step)] if isinstance(at, list) else at[step]
    return at, int(steps[-1]) if isinstance(at, list) else steps[-1]


def put(path: str, value: object) -> Change:
    """Sets a value, or replaces it."""
    def change(template: dict) -> None:
        at, key = find(template, path)
        at[key] = copy.deepcopy(value)
    return change


def drop(path: str) -> Change:
    """Removes a value, which must exist."""
    def change(template: dict) -> None:
        at, key = find(template, path)
        del at[key]
    return change


def append(path: str, value: object) -> Change:
    """Appends to a list."""
    def change(template: dict) -> None:
        at, key = find(template, path)
        at[key].append(copy.deepcopy(value))
    return change

