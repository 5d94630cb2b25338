"""Postgres: finds or installs its programs, starts a cluster, creates the database and its roles."""

import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path

from dev import settings, tools
from dev.processes import Service, Services, run_as, run_logged
from dev.report import UserError

# The oldest supported major version.
LEAST = 15
PROGRAMS = ("initdb", "postgres", "pg_ctl", "psql")
DATABASE = "docuvault"
# Tests compare plans after `vacuum analyze`, which must mark all pages as visible to all, or the planner
# chooses another index. It marks none while autovacuum analyzes a table of the same database, and none with
# rows whose commit is not in the log file yet. So commits stay synchronous.
TEST_FLAGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "500", "autovacuum": "off"}


@cache
def programs(cluster: Path) -> Path:
    """Returns the folder of Postgres' programs.

    If the cluster exists, programs of the version that created it are preferred.
    """
    own = settings.value("DOCUVAULT_POSTGRES")
    if own == "wheel":
        return tools.postgres_wheel()
    candidates = [Path(own)] if own else find_folders()
    usable = {folder: version for folder in candidates if (version := major_version(folder)) >= LEAST}
    if own and not usable:
        raise UserError(f"DOCUVAULT_POSTGRES={own} is not a folder with {', '.join(PROGRAMS)} of PostgreSQL {LEAST} or newer.")
    made_by = (cluster / "PG_VERSION").read_text().strip() if (cluster / "PG_VERSION").exists() else ""
    fitting = [folder for folder, version in usable.items() if made_by in ("", str(version))]
    return (fitting or list(usable) or [tools.postgres_wheel()])[0]


def find_folders() -> list[Path]:
    """Returns the folders with Postgres: first the one on PATH, then those of packages, the newest first."""
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for pattern in ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"):
        folders += sorted(map(Path, glob.glob(pattern)), key=lambda folder: -major_version(folder))
    return list(dict.fromkeys(folders))


def major_version(folder: Path) -> int:
    """Returns the major version of the programs in a folder, or 0 if one is missing."""
    if not all(os.access(folder / program, os.X_OK) for program in PROGRAMS):
        return 0
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True).stdout
    version = re.search(r"\) (\d+)", answer)
    return int(version.group(1)) if version else 0


def os_user() -> str:
    """Returns the user to run Postgres as; empty for the current one. Postgres refuses to run as root."""
    if os.geteuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise UserError("Postgres refuses to run as root, and this machine has no user postgres or nobody. Create one (useradd "
                  "postgres), or run ./dev as an ordinary user.")


def check_reachable(folder: Path, user: str, variable: str) -> None:
    """Raises a UserError if the user that Postgres runs as cannot enter a folder."""
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    if user and subprocess.run(command, stderr=subprocess.DEVNULL, cwd="/", **run_as(user)).returncode:
        raise UserError(f"Postgres runs as the user {user}, who cannot enter {folder}: a folder above it is not accessible. "
                      f"Set {variable} to a folder that every user can enter, such as /var/tmp/docuvault.")


def create_cluster(cluster: Path, binaries: Path, user: str, log: Path) -> None:
    """Runs initdb unless the cluster exists. The folder gets its final name only once it is complete."""
    check_version(cluster, binaries)
    if (cluster / "PG_VERSION").exists():
        return
    fresh = cluster.with_name(cluster.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if user:
        shutil.chown(fresh, user, pwd.getpwnam(user).pw_gid)
    command = [binaries / "initdb", "-D", fresh, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
               f"--locale={locale()}", "--no-sync"]
    run_logged("creating the database cluster", command, log, {**os.environ, "LC_ALL": "C"}, user)
    fresh.rename(cluster)


def check_version(cluster: Path, binaries: Path) -> None:
    """Raises a UserError if another major version created the cluster: Postgres could not read it."""
    marker = cluster / "PG_VERSION"
    if marker.exists() and marker.read_text().strip() != str(major_version(binaries)):
        raise UserError(f"{cluster} was created by PostgreSQL {marker.read_text().strip()}, but {binaries} has version "
                      f"{major_version(binaries)}. Set DOCUVAULT_POSTGRES to the programs of that version, or delete the data with "
                      "./dev reset.")


def locale() -> str:
    """Returns a UTF-8 locale, or `C` if the machine has none. In `C` only ASCII letters have a case."""
    lister = shutil.which("locale")
    known = subprocess.run([lister, "-a"], capture_output=True, text=True).stdout.split() if lister else []
    for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8"):
        if name in known:
            return name
    return "C"


def start(services: Services, folder: Path, port: int, flags: dict) -> Service:
    """Starts Postgres on the cluster in the folder, and creates the cluster first if there is none."""
    cluster, user, logs = folder / "postgres", os_user(), folder / "logs"
    binaries = programs(cluster)
    check_reachable(folder, user, "DEV_DATA")
    check_reachable(binaries, user, "DOCUVAULT_CACHE")
    logs.mkdir(parents=True, exist_ok=True)
    create_cluster(cluster, binaries, user, logs / "initdb.log")
    flags = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": 200,
             "timezone": "UTC", "log_timezone": "UTC", **flags}
    command = [binaries / "postgres", "-D", cluster]
    for name, value in flags.items():
        command += ["-c", f"{name}={value}"]
    # SIGINT disconnects clients. SIGTERM would wait for them to disconnect.
    return services.add(Service("postgres", command, logs / "postgres.log", user=user, cwd=Path("/"),
                                stop_signal=signal.SIGINT, grace=20))


def is_ready(folder: Path, port: int) -> bool:
    """Returns whether the server runs statements."""
    return psql(folder, port, "--command", "select 1").returncode == 0


def create_database(folder: Path, port: int) -> None:
    """Creates the database and its roles if they do not exist."""
    found = psql(folder, port, "--command", f"select 1 from pg_database where datname = '{DATABASE}'", "--tuples-only")
    if not found.stdout.strip():
        require_success(psql(folder, port, "--command", f"create database {DATABASE}"))
    require_success(psql(folder, port, "--dbname", DATABASE, "--file", settings.ROOT / "migrations" / "roles.sql"))


def require_success(done: subprocess.CompletedProcess) -> None:
    """Raises a UserError with psql's message if psql failed."""
    if done.returncode:
        raise UserError(f"Cannot set up the database: {done.stderr.strip()}")


def psql(folder: Path, port: int, *arguments: object) -> subprocess.CompletedProcess:
    """Runs psql as the superuser. The cluster trusts connections from loopback."""
    command = [programs(folder / "postgres") / "psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1",
               "--host", "127.0.0.1", "--port", port, "--username", "postgres", *arguments]
    command = [str(part) for part in command]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
