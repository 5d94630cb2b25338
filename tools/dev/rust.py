"""Runs cargo: builds the workspace and finds its programs."""

import json
import os
import subprocess
from pathlib import Path

from dev import compiled, settings
from dev.processes import run
from dev.report import Heartbeat, UserError, say


def environment(extra: "dict | None" = None) -> dict:
    """Returns the environment for cargo, with this checkout's build folder.

    The user's own CARGO_BUILD_BUILD_DIR is kept.
    """
    own = os.environ.get("CARGO_BUILD_BUILD_DIR") or str(compiled.folder())
    return {**os.environ, "CARGO_BUILD_BUILD_DIR": own, **(extra or {})}


def programs() -> Path:
    """Returns the folder of the workspace's programs. Builds them first, unless DOCUVAULT_PROGRAMS is set.

    Tests set that variable: `./dev test` has just built the programs, and cargo may be locked by another
    build.
    """
    own = settings.value("DOCUVAULT_PROGRAMS")
    return Path(own) if own else build()


def build(*arguments: str) -> Path:
    """Builds the workspace's programs, except for `openapi`, and returns the folder that they are in."""
    say("Programs (the first build on a machine compiles all dependencies: about 5 minutes on two cores)")
    heart = Heartbeat("cargo build")
    if run(["cargo", "build", "--workspace", "--exclude", "openapi", "--bins", *arguments], environment(), settings.ROOT):
        raise UserError("The workspace does not build. See cargo's output above.")
    say(f"  built in {heart.elapsed()}")
    return target() / ("release" if "--release" in arguments else "debug")


def output(program: str) -> str:
    """Builds and runs a program of the workspace, and returns what it prints."""
    command = ["cargo", "run", "--quiet", "--package", program]
    answer = subprocess.run(command, cwd=settings.ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    if answer.returncode:
        raise UserError(f"{program} failed. See cargo's output above.")
    return answer.stdout


def metadata() -> dict:
    """Returns the output of `cargo metadata` for the workspace, without dependencies."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    answer = subprocess.run(command, cwd=settings.ROOT, env=environment(), capture_output=True, text=True)
    if answer.returncode:
        raise UserError(f"cargo metadata failed:\n{answer.stderr.strip()}")
    return json.loads(answer.stdout)


def target() -> Path:
    """Returns the folder into which cargo puts programs."""
    return Path(metadata()["target_directory"])
