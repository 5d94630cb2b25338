"""PgBouncer: finds the program, or builds it from sources."""

import os
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from dev import cache, debian, machine, settings
from dev.processes import run_logged
from dev.report import UserError

VERSION = "1.24.1"
# The SHA-256 of the source archive.
SOURCE = "da72a3aba13072876d055a3e58dd4aba4a5de4ed6148e73033185245598fd3e0"
# The oldest supported version. Older ones do not know max_prepared_statements.
LEAST = (1, 21)


def program() -> Path:
    """Returns PgBouncer: the program in `DOCUVAULT_PGBOUNCER`, one on PATH, or one built from sources."""
    own = settings.value("DOCUVAULT_PGBOUNCER")
    found = shutil.which(own or "pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found and version(found) >= LEAST:
        return Path(found).resolve()
    if own:
        raise UserError(f"DOCUVAULT_PGBOUNCER={own} is not PgBouncer {'.'.join(map(str, LEAST))} or newer.")
    name = f"pgbouncer-{VERSION}"
    if not cache.is_installed(name):
        check_buildable()
    return cache.install(name, "PgBouncer (built from source, under a minute, once)", build) / "pgbouncer"


def version(found: str) -> "tuple[int, ...]":
    """Returns the version of a program, or an empty tuple if it is not PgBouncer."""
    try:
        answer = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return ()
    match = re.match(r"PgBouncer (\d+)\.(\d+)", answer)
    return tuple(map(int, match.groups())) if match else ()


def check_buildable() -> None:
    """Raises a UserError with the alternative if this machine cannot build PgBouncer."""
    if not debian.is_available():
        raise UserError("Missing: PgBouncer 1.21 or newer. The API tests run behind it, too. Install it (Ubuntu: apt-get install "
                        "pgbouncer; macOS: brew install pgbouncer), or set DOCUVAULT_PGBOUNCER to it. Only on Debian can ./dev "
                        "build it.")
    machine.require(("make",), "make, to build PgBouncer", "Install it (apt-get install make), or set DOCUVAULT_PGBOUNCER "
                    "to a pgbouncer program.")


def build(folder: Path, log: Path) -> None:
    """Builds PgBouncer, with libevent linked in, so that it needs no packages of the machine.

    Only PgBouncer's version is pinned: Debian replaces libevent within a release.
    """
    work = folder / "work"
    debian.download_sources(["pgbouncer", "libevent"], work, log)
    unpack(work, log)
    prefix, sources = work / "prefix", next(work.glob("libevent-*/"))
    run_logged("configuring libevent", ["./configure", f"--prefix={prefix}", "--disable-shared", "--disable-openssl",
                                        "--disable-samples", "--disable-libevent-regress"], log, cwd=sources)
    run_logged("building libevent", ["make", "-j2", "install"], log, cwd=sources)
    sources = next(work.glob("pgbouncer-*/"))
    env = {**os.environ, "LIBEVENT_CFLAGS": f"-I{prefix}/include", "LIBEVENT_LIBS": f"{prefix}/lib/libevent.a"}
    run_logged("configuring PgBouncer", ["./configure", "--without-openssl", "--without-cares", "--disable-evdns"], log,
               env, cwd=sources)
    run_logged("building PgBouncer", ["make", "-j2", "pgbouncer"], log, env, cwd=sources)
    shutil.copy(sources / "pgbouncer", folder / "pgbouncer")
    shutil.rmtree(work)


def unpack(work: Path, log: Path) -> None:
    """Unpacks the downloaded archives. That of PgBouncer must be the one that is pinned."""
    archive = work / f"pgbouncer_{VERSION}.orig.tar.gz"
    if not archive.exists() or sha256(archive.read_bytes()).hexdigest() != SOURCE:
        found = ", ".join(path.name for path in work.glob("pgbouncer_*")) or "nothing"
        raise UserError(f"Debian {debian.RELEASE} has other sources than those of PgBouncer {VERSION} ({found}). Set "
                        "DOCUVAULT_PGBOUNCER to a pgbouncer program.")
    for path in work.glob("*.orig.tar.*z*"):
        run_logged(f"unpacking {path.name}", ["tar", "--extract", "--file", path], log, cwd=work)
