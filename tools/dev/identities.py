"""Each function's identity at the object store: a user with exactly the rights in
functions/<name>/policy.json.

A function without that file does not use the store, and gets no identity.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

from dev import settings, tools
from dev.report import UserError

SCRIPT = Path(__file__).parent / "bin" / "store_users.py"
# Seconds that the store may take to create all users.
TIMEOUT = 60


def functions_with_policy() -> "list[str]":
    """Returns the functions that have a policy."""
    return sorted(path.parent.name for path in (settings.ROOT / "functions").glob("*/policy.json"))


def secret_names() -> "dict[str, str]":
    """Returns, for each function with a policy, the name of its password among the stack's secrets."""
    return {name: f"s3_password_{name}" for name in functions_with_policy()}


def policy(function: str, bucket: str) -> dict:
    """Returns a function's policy for S3. MinIO refuses policies with actions of other services."""
    text = (settings.ROOT / "functions" / function / "policy.json").read_text()
    whole = json.loads(text.replace("${Bucket}", bucket))
    of_store = [statement for statement in whole["Statement"]
                if all(action.startswith("s3:") for action in statement["Action"])]
    return {**whole, "Statement": of_store}


def provision(endpoint: str, root: "tuple[str, str]", bucket: str, secrets: "dict[str, str]") -> None:
    """Creates the users, or updates their passwords and policies. `bucket` may be a pattern.

    Users of functions that no longer have a policy are deleted.
    """
    users = {name: {"secret": secret, "policy": policy(name, bucket)} for name, secret in secrets.items()}
    order = json.dumps({"endpoint": endpoint, "root": root, "users": users, "all": True})
    command = [tools.python_tools_interpreter(), SCRIPT]
    try:
        answer = subprocess.run(command, input=order, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise UserError(f"Cannot create the functions' users at the object store: it did not answer within {TIMEOUT} s.")
    if answer.returncode:
        raise UserError(f"Cannot create the functions' users at the object store:\n{answer.stderr.strip()}")


def write_credentials(folder: Path, secrets: "dict[str, str]") -> Path:
    """Writes one file per function with its credentials, which `bin/cargo` sources. Only the owner can read
    the files.

    Files of functions that no longer have a policy are deleted.
    """
    own = folder / "identities"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(mode=0o700)
    for name, secret in secrets.items():
        with os.fdopen(os.open(own / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"export AWS_ACCESS_KEY_ID={name} AWS_SECRET_ACCESS_KEY={secret}\n")
    return own
