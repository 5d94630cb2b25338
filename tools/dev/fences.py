"""Checks the fences. A fence is a pattern that may occur in certain files only, such as SQL in `src/db/`.

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
OWNER = re.compile(r"\bd\.user_id = (?:\$\d|[acu]\.id)\b|\b[acu]\.id = d\.user_id\b")
LABEL_OWNER = re.compile(r"\bdt\.user_id = (?:\$\d|[acu]\.id)\b|\b[acu]\.id = dt\.user_id\b")

FENCES = (
    Fence(SQL, ("src/db/", "src/db.rs"), "SQL belongs under src/db/"),
    Fence(re.compile(r"\baws_sdk_s3\b"), ("src/storage.rs", "src/storage/"), "S3 belongs in src/storage.rs"),
    Fence(re.compile(r"\baws_sdk_sqs\b"), ("src/queue.rs", "src/queue/"), "SQS belongs in src/queue.rs"),
    Fence(re.compile(r"\benv::(?:vars?|var_os|vars_os)\b|\bvar_os\("), ("src/config.rs", "src/config/"),
          "the environment is read in src/config.rs"),
    Fence(OWNER, ("src/db/classification.rs", "src/db/removal.rs"),
          "an account finds documents in the view document_access, by its account_id"),
    Fence(LABEL_OWNER, ("src/db/document/list.rs", "src/db/topic.rs"),
          "an account finds documents in the view document_access; only lists by topic, and counts, read its labels instead"),
    Fence(re.compile(r"\.route\("), ("src/http/routes.rs",),
          "routes are made by docuvault::routes!, which the reference of the API is made of, too"),
)


# The number of the first parameter behind those of `Beginning` (src/db/session/begin.rs).
BEHIND_BEGINNING = 12

# The label of a statement's parameter, or a list of parameters that starts without one.
LABEL = re.compile(r"/\* \$(\d+) \*/|&\[\s*&")


def find_breaches() -> list[str]:
    """Returns a message for each violation in the repository."""
    return [breach for path in list_sources()
            for breach in find_breaches_in(path, (settings.ROOT / path).read_text())]


def find_breaches_in(path: str, text: str) -> list[str]:
    """Finds the violations in one file."""
    found, text = [], blank_comments(text)
    for fence in FENCES:
        if not path.startswith(fence.inside + EVERYWHERE):
            for match in fence.pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: {fence.why}")
    return found + (find_mislabelled(path, text) if path.startswith("src/db") else [])


def find_mislabelled(path: str, text: str) -> list[str]:
    """Finds lists of SQL parameters that are not labelled `/* $1 */`, `/* $2 */`, and so on. A list may
    also go on behind the parameters of a new session."""
    found, before = [], 0
    for match in LABEL.finditer(text):
        number = int(match[1] or 0)
        if number not in (1, BEHIND_BEGINNING, before + 1) or not number:
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path}:{line}: parameters are labelled by their numbers, in order")
        before = number
    return found


def blank_comments(text: str) -> str:
    """Empties the lines that are comments, so that line numbers do not change."""
    return re.sub(r"^[ \t]*//.*$", "", text, flags=re.MULTILINE)


def list_sources(pattern: str = "*.rs") -> list[str]:
    """Lists the repository's files: tracked ones, and new ones that git does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern]
    listing = subprocess.run(command, cwd=settings.ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in sorted(set(listing.splitlines())) if (settings.ROOT / path).is_file()]
