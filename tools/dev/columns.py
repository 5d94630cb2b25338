"""The length of lines (docs/STYLE.md): prose in pages, comments in Rust, and Python."""

import re
from typing import Iterator

from dev import fences, settings

MOST = 110

# A block of code in a page.
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(?:^|\s)//")


def breaches() -> list[str]:
    """The lines of the repository that are too long."""
    paths = [path for pattern in ("*.md", "*.rs", "*.py") for path in fences.sources(pattern)]
    return [f"{path}:{line}: longer than {MOST} columns"
            for path in paths for line in long_lines(path, (settings.ROOT / path).read_text())]


def long_lines(path: str, text: str) -> Iterator[int]:
    """The numbers of the lines that are too long."""
    if path.endswith(".md"):
        text = CODE.sub(lambda block: "\n" * block[0].count("\n"), text)
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > MOST and is_limited(path, line):
            yield number


def is_limited(path: str, line: str) -> bool:
    """Whether the limit holds for a line: not for rows of tables, URLs and code with a string.

    rustfmt sees to Rust's code.
    """
    if "://" in line:
        return False
    if path.endswith(".md"):
        return not line.lstrip().startswith("|")
    if path.endswith(".rs"):
        return bool(COMMENT.search(line))
    return line.lstrip().startswith("#") or '"' not in line.replace('"""', "")
