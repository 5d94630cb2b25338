"""Checks what `./dev` cannot install: Rust, a C compiler, Go, Python's venv, disk space."""

import shutil

from dev import cache, settings, tools
from dev.report import UserError

GIB = 1024**3
# Free disk space in bytes that is required before the first installation, and before every other run. MinIO
# refuses writes once less than 900 MiB are free.
FIRST_INSTALL, EVERY_TIME = 5 * GIB, 2 * GIB


def check() -> None:
    """Raises a UserError that names the first missing thing and how to get it."""
    require(("cargo",), "Rust", "https://rustup.rs installs it.")
    require(("cc", "gcc", "clang"), "a C compiler", "Install gcc or clang (Debian: apt-get install gcc libc6-dev).")
    if not settings.value("DOCUVAULT_MINIO") and not cache.is_installed(tools.minio_name()):
        require(("go",), "Go 1.21 or newer, to build MinIO",
                "Install it from https://go.dev/dl, or set DOCUVAULT_MINIO to a minio program.")
    require_venv()
    check_disk()


def check_fuzzing() -> None:
    """Raises a UserError if there is no compiler for libFuzzer, which is written in C++."""
    require(("c++", "g++", "clang++"), "a C++ compiler", "Install g++ or clang (Debian: apt-get install g++).")


def require(programs: tuple, what: str, remedy: str) -> None:
    """Raises a UserError unless one of the programs is on PATH."""
    if not any(shutil.which(program) for program in programs):
        raise UserError(f"Missing: {what} (looked for {' or '.join(programs)} on PATH). {remedy}")


def require_venv() -> None:
    """Raises a UserError if Python lacks its venv module, which some distributions package separately."""
    if cache.is_installed(tools.python_tools_name()):
        return
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise UserError("Missing: Python's venv module. Install it (Debian: apt-get install python3-venv).")


def check_disk() -> None:
    """Raises a UserError if a disk is nearly full. Otherwise obscure failures would follow much later."""
    first = not cache.is_installed(tools.minio_name())
    for folder, name in ((settings.cache_folder(), "DOCUVAULT_CACHE"), (settings.data_folder(), "DEV_DATA")):
        while not folder.exists():
            folder = folder.parent
        free, least = shutil.disk_usage(folder).free, FIRST_INSTALL if first else EVERY_TIME
        if free < least:
            raise UserError(f"The disk of {folder} is nearly full: {free / GIB:.1f} GiB free, {least / GIB:.1f} needed. "
                          f"Free some space, or set {name} to a folder on another disk.")
