"""Checks the length of lines (docs/STYLE.md): text in pages, comments in Rust, and Python."""

import re
from typing import Iterator

from dev import fences, settings

MOST = 110

# A block of code in a page.
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(?:^|\s)//")


def find_breaches() -> list[str]:
    """Returns a message for each line of the repository that is too long."""
    paths = [path for pattern in ("*.md", "*.rs", "*.py") for path in fences.list_sources(pattern)]
    return [f"{path}:{line}: longer than {MOST} columns"
            for path in paths for line in find_long_lines(path, (settings.ROOT / path).read_text())]


def find_long_lines(path: str, text: str) -> Iterator[int]:
    """Returns the numbers of the lines that are too long."""
    if path.endswith(".md"):
        text = CODE.sub(lambda block: "\n" * block[0].count("\n"), text)
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > MOST and is_limited(path, line):
            yield number


def is_limited(path: str, line: str) -> bool:
    """Returns whether the limit applies to a line. Rows of tables, URLs and code with a string may be longer.

    In Rust only comments are limited here: rustfmt limits code.
    """
    if "://" in line:
        return False
    if path.endswith(".md"):
        return not line.lstrip().startswith("|")
    if path.endswith(".rs"):
        return bool(COMMENT.search(line))
    return line.lstrip().startswith("#") or '"' not in line.replace('"""', "")
