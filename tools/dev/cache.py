"""The folder of installed tools: each is made once, by one process at a time, and counts only when it is complete."""

import fcntl
import os
import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator

from dev import settings
from dev.report import Heartbeat, Problem, say

COMPLETE = ".complete"


def installed(name: str, what: str, recipe: Callable[[Path, Path], None]) -> Path:
    """The folder of a tool, made by `recipe(folder, log)` when it isn't there yet.

    It is made in its final place, since virtual environments can't be moved, and marked when it is complete; what an
    interrupted run left without the mark is thrown away.
    """
    folder = settings.cache() / name
    if is_installed(name):
        return folder
    make_cache()
    with lock(name):
        if not is_installed(name):
            say(f"  installing {what} into {folder}")
            heart = Heartbeat(what)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            log = settings.cache() / "logs" / f"{name}.log"
            log.unlink(missing_ok=True)
            recipe(folder, log)
            (folder / COMPLETE).touch()
            say(f"  installed {name} in {heart.elapsed()}")
    return folder


def is_installed(name: str) -> bool:
    """Whether a tool is there and complete."""
    return (settings.cache() / name / COMPLETE).exists()


def make_cache() -> None:
    """Creates the cache; everybody may read it, because Postgres may run as another user."""
    os.umask(0o022)
    try:
        settings.cache().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"The folder for tools can't be made: {error}. Set DOCUVAULT_CACHE to a folder you may write.")


@contextmanager
def lock(name: str) -> Iterator[None]:
    """Keeps other runs of `./dev` from making the same thing at the same time; ends with the process."""
    with (settings.cache() / f"{name}.lock").open("w") as file:
        heart = Heartbeat(f"waiting for another ./dev that installs {name}")
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                heart.beat()
                time.sleep(0.2)
        yield
