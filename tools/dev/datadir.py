"""The data folder of a stack: its lock, its secrets, and the settings of the stack that runs on it."""

import fcntl
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import IO, Optional

from dev.report import UserError


def claim(folder: Path) -> IO:
    """Creates the folder and locks it for this process. The lock ends when the returned file is closed."""
    os.umask(0o022)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a")
    except OSError as error:
        raise UserError(f"Cannot use the data folder: {error}. Set DEV_DATA to a folder that you can write to.")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise UserError(f"A stack is already running on {folder}. Stop it first (Ctrl-C in its terminal), or set DEV_DATA and "
                      "the ports to run a second one.")
    return lock


def is_in_use(folder: Path) -> bool:
    """Returns whether a stack or a test run has locked the folder."""
    try:
        with (folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def load_secrets(folder: Path, *more: str) -> dict:
    """Returns the passwords and keys that the services share, plus one for each name in `more`.

    Missing ones are generated and saved, in a file that only its owner can read.
    """
    path = folder / "secrets.json"
    saved = json.loads(path.read_text()) if path.exists() else {}
    names = ("jwt_secret", "factor_keys", "s3_password", "webhook_token", *more)
    if missing := [name for name in names if name not in saved]:
        write_private(path, {**saved, **{name: secrets.token_urlsafe(36) for name in missing}})
    return json.loads(path.read_text())


def write_settings(folder: Path, values: Optional[dict]) -> None:
    """Saves the settings of a stack that is ready; deletes them if `values` is None."""
    path = folder / "settings.json"
    if values is None:
        path.unlink(missing_ok=True)
    else:
        write_private(path, values)


def write_private(path: Path, values: dict) -> None:
    """Writes JSON to a file that only its owner can read, and replaces the old file in one step."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(values, file)
    fresh.rename(path)


def read_settings(folder: Path) -> dict:
    """Returns the settings of the stack that runs on the folder."""
    if not is_in_use(folder):
        raise UserError("No stack is running. Start one with ./dev up.")
    try:
        return json.loads((folder / "settings.json").read_text())
    except FileNotFoundError:
        raise UserError("The stack is still starting. Wait until ./dev up prints `ready`.")


def delete(folder: Path) -> None:
    """Deletes the folder, unless a stack or a test run uses it."""
    for used in (folder, *folder.glob("test-*"), *folder.glob("watch-*")):
        if is_in_use(used):
            raise UserError(f"A stack is running on {used}. Stop it first.")
    shutil.rmtree(folder, ignore_errors=False)
