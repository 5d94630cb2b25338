"""Who each function is at the object store: a user of its own, with the rights in functions/<name>/policy.json and no others.

A function without that file needs nothing of the store, and gets no identity.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

from dev import settings, tools
from dev.report import Problem

SCRIPT = Path(__file__).parent / "bin" / "store_users.py"
# Seconds that the store has for all of them.
PATIENCE = 60


def functions() -> "list[str]":
    """The functions that have a policy."""
    return sorted(path.parent.name for path in (settings.ROOT / "functions").glob("*/policy.json"))


def secret_names() -> "dict[str, str]":
    """What their secrets are called among those of the stack."""
    return {name: f"s3_password_{name}" for name in functions()}


def policy(function: str, bucket: str) -> dict:
    """A function's policy as far as the store knows it: MinIO refuses the actions of other services."""
    text = (settings.ROOT / "functions" / function / "policy.json").read_text()
    whole = json.loads(text.replace("${Bucket}", bucket))
    of_store = [statement for statement in whole["Statement"]
                if all(action.startswith("s3:") for action in statement["Action"])]
    return {**whole, "Statement": of_store}


def provision(endpoint: str, root: "tuple[str, str]", bucket: str, secrets: "dict[str, str]") -> None:
    """Makes the users, or sets their secrets and policies anew; `bucket` may be a pattern.

    Users of functions that have no policy any more are removed.
    """
    users = {name: {"secret": secret, "policy": policy(name, bucket)} for name, secret in secrets.items()}
    order = json.dumps({"endpoint": endpoint, "root": root, "users": users, "all": True})
    try:
        answer = subprocess.run([tools.tools_python(), SCRIPT], input=order, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise Problem(f"The functions' users could not be made at the store: it did not answer within {PATIENCE} s.")
    if answer.returncode:
        raise Problem(f"The functions' users could not be made at the store:\n{answer.stderr.strip()}")


def write(folder: Path, secrets: "dict[str, str]") -> Path:
    """Writes each function's credentials into a file for the shell that starts it, which the owner alone may read.

    A function that has no policy any more has no file either.
    """
    own = folder / "identities"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(mode=0o700)
    for name, secret in secrets.items():
        with os.fdopen(os.open(own / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"export AWS_ACCESS_KEY_ID={name} AWS_SECRET_ACCESS_KEY={secret}\n")
    return own
