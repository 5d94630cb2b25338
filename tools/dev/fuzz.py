"""Fuzzing: libFuzzer changes the documents of the corpus, and feeds them to the readers of all formats."""

import re
import subprocess
from pathlib import Path

from dev import machine, rust, settings
from dev.processes import run
from dev.report import Heartbeat, UserError, say

CORPUS = settings.ROOT / "tests" / "corpus"
# Seconds of fuzzing in `./dev test`.
SECONDS = 60
# What libFuzzer needs to see which code a document has reached.
FLAGS = ("--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
         " -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table")


def fuzz(argument: str = "") -> int:
    """Fuzzes for some seconds, or reads one document that was kept. Returns 0 if nothing was found."""
    if argument and not argument.isdigit():
        return read_kept(Path(argument))
    program = build()
    found, grown = folder() / "found", folder() / "corpus"
    for path in (found, grown):
        path.mkdir(parents=True, exist_ok=True)
    say(f"Fuzzing: the documents that found something are in {found}. ./dev fuzz <file> reads one again.")
    # Documents that reach new code are kept in the first folder, so that the next run begins with them.
    # The target measures memory and CPU time itself. The timeout is for a document that waits for ever.
    return run([program, grown, CORPUS, f"-max_total_time={argument or SECONDS}", f"-artifact_prefix={found}/",
                "-max_len=131072", "-rss_limit_mb=0", "-timeout=60", "-print_final_stats=1"], cwd=settings.ROOT)


def read_kept(document: Path) -> int:
    """Has the readers read one document."""
    if not document.is_file():
        raise UserError(f"{document} is no file. Give a number of seconds, or a document that was kept.")
    return run([build(), "-rss_limit_mb=0", document.resolve()], cwd=settings.ROOT)


def folder() -> Path:
    """Returns the folder for documents that fuzzing has made."""
    return settings.data_folder() / "fuzz"


def build() -> Path:
    """Builds the program with libFuzzer, and returns its path."""
    machine.check_fuzzing()
    # With a named target, the flags do not apply to build scripts.
    host = host_triple()
    heart = Heartbeat("cargo build")
    command = ["cargo", "build", "--profile", "fuzz", "--package", "fuzz", "--target", host]
    if run(command, rust.environment({"RUSTFLAGS": FLAGS}), settings.ROOT):
        raise UserError("The program that fuzzes does not build. See cargo's output above.")
    say(f"  built in {heart.elapsed()}")
    return rust.target() / host / "fuzz" / "fuzz"


def host_triple() -> str:
    """Returns the name that the compiler has for this machine."""
    answer = subprocess.run(["rustc", "-vV"], cwd=settings.ROOT, capture_output=True, text=True, check=True)
    return re.search(r"^host: (.+)$", answer.stdout, re.MULTILINE)[1]
