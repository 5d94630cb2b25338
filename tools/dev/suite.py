"""Tests and benchmarks.

They run on their own services, on free ports, in a folder that is deleted afterwards.
"""

import os
import shlex
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from dev import (checks, datadir, failures, fuzz, identities, machine, minio, page_bench, pgbouncer, pooler,
                 ports, postgres, rust, settings, sqs, tools)
from dev.failures import Failure
from dev.processes import Services, run, run_and_read
from dev.report import duration, say

PASSWORD = "docuvault-test"
# Seconds without a change after which the folder of a test's stack counts as abandoned.
ABANDONED_AFTER = 3600
# The argument of `./dev test` that runs tests behind a pooler.
POOLED = "--pooler"
# The test that writes the record of a release.
RECORDING = "releases::a_record_has_every_statement_of_the_source"


def test(arguments: list) -> int:
    """Runs all checks and all tests. With arguments for `cargo test`, runs only what they select.

    The API tests run twice: on Postgres itself, and behind a pooler. With POOLED as the first argument, only
    the second run takes place.
    """
    began, pooled_only = time.monotonic(), arguments[:1] == [POOLED]
    machine.check()
    if not arguments:
        machine.check_fuzzing()
    failed = [] if arguments else [Failure(name, "./dev check") for name in checks.run_all([])] + run_unit_tests()
    tools.install()
    with_pooler = pooled_only or not arguments
    if with_pooler:
        pgbouncer.program()
    programs = rust.build()
    with environment(with_pooler) as env:
        env.update({"DOCUVAULT_PROGRAMS": str(programs), "TEST_API_TOOLS": str(tools.api_tools())})
        if not pooled_only:
            say("Tests")
            failed += run_cargo_tests(arguments, {**env, "TEST_POOLER": ""})
        if with_pooler:
            say("API tests behind a pooler")
            failed += run_cargo_tests(arguments[1:] or ["--test", "api"], env, f"./dev test {POOLED}")
    if not arguments and fuzz.fuzz():
        failed.append(Failure("fuzzing", "./dev fuzz"))
    say(failures.summarize(failed, duration(time.monotonic() - began)))
    return 1 if failed else 0


def record() -> int:
    """Writes the statements of this release, with their answers, to tests/releases/previous.toml."""
    machine.check()
    tools.install()
    rust.build()
    with environment() as env:
        failed = run_cargo_tests(["-p", "tests", "--test", "migrations", "--", "--exact", RECORDING],
                                 {**env, "TEST_POOLER": "", "RECORD_RELEASE": "on"})
    return 1 if failed else 0


def run_cargo_tests(arguments: list, env: dict, again: str = "./dev test") -> "list[Failure]":
    """Runs `cargo test`, continues after failures, and returns them. `again` is the command that runs tests
    again."""
    which = [] if {"-p", "--package", "--workspace"} & set(arguments) else ["--workspace"]
    colour = {"CARGO_TERM_COLOR": "always"} if sys.stdout.isatty() else {}
    tests = failures.CargoTests(again)
    command = ["cargo", "test", *which, "--no-fail-fast", *arguments]
    code = run_and_read(command, tests.read, {**colour, **env}, settings.ROOT)
    return tests.failures or ([Failure("cargo test", f"{again} {shlex.join(arguments)}".strip())] if code else [])


def run_unit_tests() -> "list[Failure]":
    """Runs the unit tests of `./dev` and returns the failures."""
    tests = failures.PythonTests()
    command = [sys.executable, "-m", "unittest", "discover", "--top-level-directory", settings.ROOT / "tools",
               "--start-directory", settings.ROOT / "tools" / "dev" / "tests"]
    code = run_and_read(command, tests.read, {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, settings.ROOT)
    return tests.failures or ([Failure("the tests of ./dev", shlex.join(map(str, command)))] if code else [])


# Keeps the names of functions in the programs that `bench profile` runs, and compiles no dependency again.
SYMBOLS = [argument for name in ("quota", "documents", "upload-url", "confirm", "delete")
           for argument in ("--config", f'profile.release.package.{name}.strip="none"')]


def bench(arguments: list) -> int:
    """Runs the benchmark on release programs: all of it, one measurement, or `page` alone."""
    machine.check()
    tools.install()
    if arguments == ["page"]:
        return bench_page(rust.build("--release"))
    python = tools.bench_python()
    programs = rust.build("--release", *(SYMBOLS if "profile" in arguments else []))
    with environment() as env:
        env.update({"BENCH_BIN_DIR": str(programs), "BENCH_PYTHON": str(python)})
        code = run([programs / "bench", *arguments], env, settings.ROOT)
    return code or (0 if arguments else bench_page(programs))


def bench_page(programs: Path) -> int:
    """Measures the page, prints the lines, and adds them to the table that the other measurements wrote."""
    with scratch_folder() as folder:
        lines = page_bench.measure(programs, folder / "stack")
    table = settings.ROOT / "target" / "bench.md"
    before = table.read_text() if table.is_file() else ""
    others = [line for line in before.splitlines(keepends=True) if not line.startswith("| page, ")]
    table.write_text("".join(others) + lines)
    say(lines)
    return 0


@contextmanager
def environment(with_pooler: bool = False) -> Iterator[dict]:
    """Starts services for tests and yields the environment that tells tests where they are."""
    with scratch_folder() as folder, Services() as services:
        yield {**rust.environment(), **start(services, folder, with_pooler)}


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Creates a folder for the services of one run, and deletes it with all data at the end."""
    os.umask(0o022)
    settings.data_folder().mkdir(parents=True, exist_ok=True)
    remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=settings.data_folder()))
    folder.chmod(0o755)
    lock = datadir.claim(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def remove_leftovers() -> None:
    """Deletes the folders of test runs that were killed, and of the stacks that those runs started.

    A stack's folder is unlocked for a moment while a test restarts the stack, so only old ones are deleted.
    """
    oldest = time.time() - ABANDONED_AFTER
    stacks = [folder for folder in settings.data_folder().glob("watch-*") if folder.stat().st_mtime < oldest]
    for folder in (*settings.data_folder().glob("test-*"), *stacks):
        if not datadir.is_in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)


def start(services: Services, folder: Path, with_pooler: bool) -> dict:
    """Starts Postgres, MinIO and moto, and a pooler if one is wanted.

    Returns the environment variables that tests read.
    """
    chosen = ports.choose_free()
    database = postgres.start(services, folder, chosen.postgres, postgres.TEST_FLAGS)
    store = minio.start(services, folder, chosen, PASSWORD)
    queue = sqs.start(services, folder, chosen)
    services.wait(database, lambda: postgres.is_ready(folder, chosen.postgres))
    services.wait(store, lambda: minio.is_ready(chosen))
    services.wait(queue, lambda: sqs.is_ready(chosen))
    endpoint = f"http://127.0.0.1:{chosen.minio}"
    # Each test has its own bucket. Each function has one user, with rights in all of them.
    identities.provision(endpoint, (minio.USER, PASSWORD), "test-*", dict.fromkeys(identities.functions_with_policy(), PASSWORD))
    return {
        "TEST_POSTGRES_URL": f"postgres://postgres@127.0.0.1:{chosen.postgres}/postgres?sslmode=disable",
        "TEST_POOLER": start_pooler(services, folder, chosen.postgres) if with_pooler else "",
        "TEST_POSTGRES_BIN": str(postgres.programs(folder / "postgres")),
        "TEST_POSTGRES_USER": postgres.os_user(),
        "TEST_S3_ENDPOINT": endpoint,
        "TEST_STORE_USERS": f"{tools.python_tools_interpreter()} {identities.SCRIPT}",
        "TEST_MINIO": str(tools.minio()),
        "TEST_MOTO_ENDPOINT": f"http://127.0.0.1:{chosen.sqs}",
        "TEST_MOTO_SERVER": str(tools.moto_server()),
        "TEST_DEV": str(settings.ROOT / "dev"),
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": minio.USER,
        "AWS_SECRET_ACCESS_KEY": PASSWORD,
    }


def start_pooler(services: Services, folder: Path, postgres_port: int) -> str:
    """Starts the pooler in front of Postgres, and returns its host and port."""
    port = ports.find_free(1)[0]
    started = pooler.start(services, folder, port, postgres_port)
    services.wait(started, lambda: pooler.is_ready(port))
    return f"127.0.0.1:{port}"
