"""Tests and benchmarks: services of their own on free ports, in a folder that is removed afterwards."""

import os
import shlex
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from dev import checks, datadir, identities, machine, minio, ports, postgres, red, rust, settings, sqs, tools
from dev.processes import Services, overheard, visible
from dev.red import Red
from dev.report import duration, say

PASSWORD = "docuvault-test"
# Seconds without a change in the folder of a stack that nobody comes back to.
ABANDONED = 3600


def test(arguments: list) -> int:
    """All checks and all tests; with arguments, only the tests they name."""
    began = time.monotonic()
    machine.check()
    failed = [] if arguments else [Red(name, "./dev check") for name in checks.failures([])] + unit_tests()
    tools.install()
    programs = rust.build()
    with environment() as env:
        env["DOCUVAULT_PROGRAMS"] = str(programs)
        say("Tests")
        failed += cargo_tests(arguments, env)
    say(red.ended(failed, duration(time.monotonic() - began)))
    return 1 if failed else 0


def cargo_tests(arguments: list, env: dict) -> "list[Red]":
    """Runs them all, whatever fails, and answers what did."""
    which = [] if {"-p", "--package", "--workspace"} & set(arguments) else ["--workspace"]
    colour = {"CARGO_TERM_COLOR": "always"} if sys.stdout.isatty() else {}
    heard = red.CargoTests()
    code = overheard(["cargo", "test", *which, "--no-fail-fast", *arguments], heard.hear, {**colour, **env}, settings.ROOT)
    return heard.red or ([Red("cargo test", shlex.join(["./dev", "test", *arguments]))] if code else [])


def unit_tests() -> "list[Red]":
    """The tests of these modules; answers which failed."""
    heard = red.PythonTests()
    command = [sys.executable, "-m", "unittest", "discover", "--top-level-directory", settings.ROOT / "tools",
               "--start-directory", settings.ROOT / "tools" / "dev" / "tests"]
    code = overheard(command, heard.hear, {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, settings.ROOT)
    return heard.red or ([Red("the tests of ./dev", shlex.join(map(str, command)))] if code else [])


def bench(arguments: list) -> int:
    """The benchmark on release programs."""
    machine.check()
    tools.install()
    python = tools.bench_python()
    programs = rust.build("--release")
    with environment() as env:
        env.update({"BENCH_BIN_DIR": str(programs), "BENCH_PYTHON": str(python)})
        return visible([programs / "bench", *arguments], env, settings.ROOT)


@contextmanager
def environment() -> Iterator[dict]:
    """Starts services for tests and gives the environment that says where they are; leaves nothing."""
    os.umask(0o022)
    settings.data().mkdir(parents=True, exist_ok=True)
    remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=settings.data()))
    folder.chmod(0o755)
    lock = datadir.claim(folder)
    try:
        with Services() as services:
            yield {**rust.environment(), **start(services, folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def remove_leftovers() -> None:
    """Folders of test runs that were killed, and of the stacks that they had started; a stack may be away while it starts again."""
    stacks = [folder for folder in settings.data().glob("watch-*") if time.time() - folder.stat().st_mtime > ABANDONED]
    for folder in (*settings.data().glob("test-*"), *stacks):
        if not datadir.in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)


def start(services: Services, folder: Path) -> dict:
    """Starts Postgres, MinIO and moto; answers what the tests are told."""
    chosen = ports.any_free()
    database = postgres.start(services, folder, chosen.postgres, postgres.TEST_FLAGS)
    store = minio.start(services, folder, chosen, PASSWORD)
    queue = sqs.start(services, folder, chosen)
    services.wait(database, lambda: postgres.answers(folder, chosen.postgres))
    services.wait(store, lambda: minio.answers(chosen))
    services.wait(queue, lambda: sqs.answers(chosen))
    endpoint = f"http://127.0.0.1:{chosen.minio}"
    # Each test has a bucket of its own, each function one identity for all of them.
    identities.provision(endpoint, (minio.USER, PASSWORD), "test-*", dict.fromkeys(identities.functions(), PASSWORD))
    return {
        "TEST_POSTGRES_URL": f"postgres://postgres@127.0.0.1:{chosen.postgres}/postgres?sslmode=disable",
        "TEST_POSTGRES_BIN": str(postgres.programs(folder / "postgres")),
        "TEST_POSTGRES_USER": postgres.os_user(),
        "TEST_S3_ENDPOINT": endpoint,
        "TEST_STORE_USERS": f"{tools.tools_python()} {identities.SCRIPT}",
        "TEST_MINIO": str(tools.minio()),
        "TEST_MOTO_ENDPOINT": f"http://127.0.0.1:{chosen.sqs}",
        "TEST_MOTO_SERVER": str(tools.moto_server()),
        "TEST_DEV": str(settings.ROOT / "dev"),
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": minio.USER,
        "AWS_SECRET_ACCESS_KEY": PASSWORD,
    }
