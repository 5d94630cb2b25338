"""Checks that new migrations neither block the functions nor break those of the previous release.

squawk, a linter of migrations, has the rules. migrations/README.md explains them.
"""

import json
import re
import subprocess
from pathlib import Path

from dev import settings, tools

FOLDER = settings.ROOT / "migrations"
# Earlier migrations may be applied already, so that nobody can change them.
FIRST = 11
# The first line of a file that runs outside a transaction.
OUTSIDE_TRANSACTION = "-- no-transaction\n"
# The role docuvault_migrate has both time limits, and the vault counts nothing that exceeds 32 bits.
EXCLUDED = ["require-lock-timeout", "require-statement-timeout", "prefer-bigint-over-int"]
# The way back removes what the way forward has added. It is taken only if no function needs it.
EXCLUDED_ON_THE_WAY_BACK = ["ban-drop-column", "ban-drop-function", "ban-drop-table", "ban-drop-view",
                            "require-concurrent-index-deletion"]


def find_breaches() -> list[str]:
    """Returns a message for each violation."""
    files = [path for path in sorted(FOLDER.glob("*_*.sql")) if int(path.name.partition("_")[0]) >= FIRST]
    return [f"migrations/{breach}" for path in files for breach in find_breaches_in(path)]


def find_breaches_in(path: Path) -> list[str]:
    """Finds the violations in one file."""
    text = path.read_text()
    statements = re.sub(r"--.*", "", text).strip().rstrip(";")
    is_outside_transaction = text.startswith(OUTSIDE_TRANSACTION)
    found = lint(path, is_outside_transaction)
    if is_outside_transaction and ";" in statements:
        found.append(f"{path.name}: a file that begins with `{OUTSIDE_TRANSACTION.strip()}` has one statement only")
    if not is_outside_transaction and re.search(r"\bconcurrently\b", statements, re.IGNORECASE):
        found.append(f"{path.name}: a file with `concurrently` begins with the line `{OUTSIDE_TRANSACTION.strip()}`")
    return found


def lint(path: Path, is_outside_transaction: bool) -> list[str]:
    """Runs squawk on a file."""
    excluded = EXCLUDED + (EXCLUDED_ON_THE_WAY_BACK if path.name.endswith(".down.sql") else [])
    command = [tools.squawk(), "--reporter", "json", "--pg-version", "15", "--exclude", ",".join(excluded),
               "--no-assume-in-transaction" if is_outside_transaction else "--assume-in-transaction", path]
    done = subprocess.run([str(part) for part in command], cwd=path.parent, capture_output=True, text=True)
    if done.returncode not in (0, 1) or not done.stdout:
        return [f"{path.name}: squawk failed: {done.stderr.strip()}"]
    return [f"{path.name}:{found['line'] + 1}: {found['message']} ({found['rule_name']})"
            for found in json.loads(done.stdout)]
