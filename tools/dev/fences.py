"""The fences: each names something that only certain files may use.

A violation is reported as file:line and reason.
"""

import re
import subprocess
from typing import NamedTuple

from dev import settings

# Folders without fences.
EVERYWHERE = ("tools/", "tests/", "bench/")


class Fence(NamedTuple):
    """A pattern and the only files in which it may occur."""

    pattern: "re.Pattern[str]"
    inside: tuple
    why: str


# A string that starts like an SQL statement. Prose that starts with one of these words does not match.
SQL = re.compile(
    r"""" (?:\s|\\n|\\)* (?: --\ \w+::\w+
        | select\s | insert\s+into\s | delete\s+from\s
        | update\s+\S+(?:\s+\S+){0,2}?\s+set\s
        | with\s+(?:recursive\s+)?\w+\s*(?:\([^)]*\)\s*)?as\s
        | (?:create|alter|drop|truncate)\s+(?:table|role|database|index|schema)\s )""",
    re.IGNORECASE | re.VERBOSE)

# A statement that compares the owner of a document `d` with an account, or the owner of a document's label
# `dt`.
OWNER = re.compile(r"\bd\.user_id = (?:\$\d|[au]\.id)\b|\b[au]\.id = d\.user_id\b")
LABEL_OWNER = re.compile(r"\bdt\.user_id = (?:\$\d|[au]\.id)\b|\b[au]\.id = dt\.user_id\b")

FENCES = (
    Fence(SQL, ("src/db/", "src/db.rs"), "SQL belongs under src/db/"),
    Fence(re.compile(r"\baws_sdk_s3\b"), ("src/storage.rs", "src/storage/"), "S3 belongs in src/storage.rs"),
    Fence(re.compile(r"\baws_sdk_sqs\b"), ("src/queue.rs", "src/queue/"), "SQS belongs in src/queue.rs"),
    Fence(re.compile(r"\benv::(?:vars?|var_os|vars_os)\b|\bvar_os\("), ("src/config.rs", "src/config/"),
          "the environment is read in src/config.rs"),
    Fence(OWNER, ("src/db/classification.rs",), "an account finds documents in the view document_access, by its account_id"),
    Fence(LABEL_OWNER, ("src/db/document/list.rs",),
          "an account finds documents in the view document_access; only the list by topic reads its labels instead"),
    Fence(re.compile(r"\.route\("), ("src/http/routes.rs",),
          "routes are made by docuvault::routes!, which the reference of the API is made of, too"),
)


# The label of a statement's parameter, or a list of parameters that starts without one.
LABEL = re.compile(r"/\* \$(\d+) \*/|&\[\s*&")


def breaches() -> list[str]:
    """All violations in the repository."""
    return [breach for path in sources() for breach in breaches_of(path, (settings.ROOT / path).read_text())]


def breaches_of(path: str, text: str) -> list[str]:
    """The violations in one file."""
    found, text = [], without_comments(text)
    for fence in FENCES:
        if not path.startswith(fence.inside + EVERYWHERE):
            for match in fence.pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: {fence.why}")
    return found + (mislabelled(path, text) if path.startswith("src/db") else [])


def mislabelled(path: str, text: str) -> list[str]:
    """Lines whose parameters are not labelled `/* $1 */`, `/* $2 */`, …, starting at 1 in each list."""
    found, before = [], 0
    for match in LABEL.finditer(text):
        number = int(match[1] or 0)
        if number not in (1, before + 1) or not number:
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path}:{line}: parameters are labelled by their numbers, in order")
        before = number
    return found


def without_comments(text: str) -> str:
    """The text with comment lines blanked, so that line numbers do not change."""
    return re.sub(r"^[ \t]*//.*$", "", text, flags=re.MULTILINE)


def sources(pattern: str = "*.rs") -> list[str]:
    """The repository's files: tracked ones, and new ones that git does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern]
    listing = subprocess.run(command, cwd=settings.ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in sorted(set(listing.splitlines())) if (settings.ROOT / path).is_file()]
