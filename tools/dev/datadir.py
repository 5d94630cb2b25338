"""The data folder of a stack: its lock, its secrets, and what is written down about the stack that runs on it."""

import fcntl
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import IO, Optional

from dev.report import Problem


def claim(folder: Path) -> IO:
    """Makes the folder and locks it for this process; the lock goes when the process does."""
    os.umask(0o022)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a")
    except OSError as error:
        raise Problem(f"The data folder can't be used: {error}. Set DEV_DATA to a folder you may write.")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise Problem(f"A stack already runs on {folder}. Stop it first (Ctrl-C where it was started), or set DEV_DATA and the "
                      "ports to run a second one.")
    return lock


def in_use(folder: Path) -> bool:
    """Whether a stack runs on the folder."""
    try:
        with (folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def load_secrets(folder: Path, *more: str) -> dict:
    """What the services authenticate each other by, and `more`: made at random the first time, readable by the owner alone."""
    path = folder / "secrets.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    names = ("jwt_secret", "s3_password", "webhook_token", *more)
    if missing := [name for name in names if name not in kept]:
        made = {**kept, **{name: secrets.token_urlsafe(36) for name in missing}}
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(made, file)
        fresh.rename(path)
    return json.loads(path.read_text())


def write_settings(folder: Path, values: Optional[dict]) -> None:
    """Writes down the settings of the stack that is ready; None when it no longer is."""
    path = folder / "settings.json"
    if values is None:
        path.unlink(missing_ok=True)
        return
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(values, file)
    fresh.rename(path)


def read_settings(folder: Path) -> dict:
    """The settings of the stack that runs on the folder."""
    if not in_use(folder):
        raise Problem("No stack is running here. Start one with ./dev up.")
    try:
        return json.loads((folder / "settings.json").read_text())
    except FileNotFoundError:
        raise Problem("The stack is still starting. Wait until ./dev up says ready.")


def forget(folder: Path) -> None:
    """Removes everything, unless a stack or a test run uses it."""
    for used in (folder, *folder.glob("test-*"), *folder.glob("watch-*")):
        if in_use(used):
            raise Problem(f"A stack runs on {used}. Stop it first.")
    shutil.rmtree(folder, ignore_errors=False)
