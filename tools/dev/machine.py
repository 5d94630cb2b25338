"""What a machine must bring along; everything else is installed."""

import shutil

from dev import cache, settings, tools
from dev.report import Problem

GIB = 1024**3
FIRST_INSTALL, EVERY_TIME = 5 * GIB, GIB // 2


def check() -> None:
    """Fails with one sentence about the first thing that is missing."""
    need(("cargo",), "Rust", "https://rustup.rs installs it.")
    need(("cc", "gcc", "clang"), "a C compiler", "Install gcc or clang (Debian: apt-get install gcc libc6-dev).")
    if not settings.value("DOCUVAULT_MINIO") and not cache.is_installed(tools.minio_name()):
        need(("go",), "Go 1.21 or newer, to build MinIO",
             "https://go.dev/dl has it; or point DOCUVAULT_MINIO to a minio program.")
    need_venv()
    check_disk()


def need(programs: tuple, what: str, remedy: str) -> None:
    """One of the programs must be on PATH."""
    if not any(shutil.which(program) for program in programs):
        raise Problem(f"Missing: {what} (looked for {' or '.join(programs)} on PATH). {remedy}")


def need_venv() -> None:
    """Some distributions sell Python without its venv module."""
    if cache.is_installed(tools.python_tools_name()):
        return
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Problem("Missing: Python's venv module. Install it (Debian: apt-get install python3-venv).")


def check_disk() -> None:
    """A full disk shows as riddles much later."""
    first = not cache.is_installed(tools.minio_name())
    for folder, name in ((settings.cache(), "DOCUVAULT_CACHE"), (settings.data(), "DEV_DATA")):
        while not folder.exists():
            folder = folder.parent
        free, least = shutil.disk_usage(folder).free, FIRST_INSTALL if first else EVERY_TIME
        if free < least:
            raise Problem(f"The disk of {folder} is nearly full: {free / GIB:.1f} GiB free, {least / GIB:.1f} needed. "
                          f"Make room, or set {name} to a folder on another disk.")
