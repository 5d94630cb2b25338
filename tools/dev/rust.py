"""Cargo: builds the workspace, and says where its programs are."""

import json
import os
import subprocess
from pathlib import Path

from dev import compiled, settings
from dev.processes import visible
from dev.report import Heartbeat, Problem, say


def environment(extra: "dict | None" = None) -> dict:
    """Our environment for cargo; a build folder of the user's own choice is respected."""
    own = os.environ.get("CARGO_BUILD_BUILD_DIR") or str(compiled.folder())
    return {**os.environ, "CARGO_BUILD_BUILD_DIR": own, **(extra or {})}


def programs() -> Path:
    """The folder of the workspace's programs: built now, or where `./dev test` has just built them.

    A stack that a test starts must not wait for cargo, which may be busy for others.
    """
    own = settings.value("DOCUVAULT_PROGRAMS")
    return Path(own) if own else build()


def build(*arguments: str) -> Path:
    """Builds all programs of the workspace and answers the folder they are in."""
    say("Programs (the first build of a machine compiles all dependencies: some 5 minutes on two cores)")
    heart = Heartbeat("cargo build")
    if visible(["cargo", "build", "--workspace", "--bins", *arguments], environment(), settings.ROOT):
        raise Problem("The workspace does not build; cargo says why above.")
    say(f"  built in {heart.elapsed()}")
    return target() / ("release" if "--release" in arguments else "debug")


def metadata() -> dict:
    """What cargo knows of the workspace, without dependencies."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    answer = subprocess.run(command, cwd=settings.ROOT, env=environment(), capture_output=True, text=True)
    if answer.returncode:
        raise Problem(f"cargo metadata failed:\n{answer.stderr.strip()}")
    return json.loads(answer.stdout)


def target() -> Path:
    """Where cargo puts programs."""
    return Path(metadata()["target_directory"])
