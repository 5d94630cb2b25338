"""The cache of installed tools.

Each tool is installed once, by one process at a time, and used only when complete.
"""

import fcntl
import os
import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator

from dev import settings
from dev.report import Heartbeat, UserError, say

# An empty file in a tool's folder that marks the installation as finished.
COMPLETE = ".complete"


def install(name: str, what: str, recipe: Callable[[Path, Path], None]) -> Path:
    """Returns the folder of a tool, and runs `recipe(folder, log)` first if the tool is not installed yet.

    The recipe installs into the final folder, because virtual environments cannot be moved. A folder without
    the completion mark is left over from an interrupted run and is deleted first.
    """
    folder = settings.cache_folder() / name
    if is_installed(name):
        return folder
    create()
    with lock(name):
        if not is_installed(name):
            say(f"  installing {what} into {folder}")
            heart = Heartbeat(what)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            log = settings.cache_folder() / "logs" / f"{name}.log"
            log.unlink(missing_ok=True)
            recipe(folder, log)
            (folder / COMPLETE).touch()
            say(f"  installed {name} in {heart.elapsed()}")
    return folder


def is_installed(name: str) -> bool:
    """Returns whether a tool is completely installed."""
    return (settings.cache_folder() / name / COMPLETE).exists()


def create() -> None:
    """Creates the cache folder, readable by everybody: Postgres may run as another user."""
    os.umask(0o022)
    try:
        settings.cache_folder().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"Cannot create the cache folder: {error}. Set DOCUVAULT_CACHE to a folder that you can write to.")


@contextmanager
def lock(name: str) -> Iterator[None]:
    """Holds a file lock, so that two runs of `./dev` never create the same thing.

    The lock ends with the process.
    """
    with (settings.cache_folder() / f"{name}.lock").open("w") as file:
        heart = Heartbeat(f"waiting for another ./dev to finish {name}")
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                heart.beat()
                time.sleep(0.2)
        yield
