"""The folder for compiled code: one per checkout. A new one starts with the dependencies that another
checkout compiled.

Checkouts cannot share one folder. Cargo gives a workspace's crates the same names in every checkout and tells
them apart by modification time only, so that one checkout could run code that another one built.
"""

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from dev import cache, settings
from dev.report import say

# A file in the folder that holds the path of the checkout the folder belongs to.
OWNER = "checkout"


def folder() -> Path:
    """Returns this checkout's folder. A new one is filled from that of the checkout that was set up last."""
    own = settings.cache_folder() / "build" / sha256(str(settings.ROOT).encode()).hexdigest()[:16]
    if not (own / OWNER).exists():
        cache.create()
        with cache.lock("build"):
            if not (own / OWNER).exists():
                create(own)
    return own


def create(own: Path) -> None:
    """Creates the folder and deletes those of checkouts that no longer exist."""
    shutil.rmtree(own, ignore_errors=True)
    others = sorted(own.parent.glob(f"*/{OWNER}"), key=lambda owner: owner.stat().st_mtime)
    if others:
        say("  reusing the dependencies that another checkout compiled")
        link_dependencies(others[-1].parent, own)
    own.mkdir(parents=True, exist_ok=True)
    (own / OWNER).write_text(str(settings.ROOT))
    for owner in others:
        if not Path(owner.read_text()).exists():
            shutil.rmtree(owner.parent, ignore_errors=True)


def link_dependencies(other: Path, own: Path) -> None:
    """Hard-links the files of another folder, then removes the workspace's own crates.

    utoipa-swagger-ui is removed, too: its build script writes the path of the folder into its output.

    Links avoid copying gigabytes, and are safe because cargo never changes a compiled dependency in place. If
    linking fails, as it may while the other checkout is being built, everything is compiled from scratch.
    """
    ignored = shutil.ignore_patterns("incremental", OWNER, ".cargo-lock")
    env = {**os.environ, "CARGO_BUILD_BUILD_DIR": str(own)}
    try:
        shutil.copytree(other, own, copy_function=os.link, ignore=ignored)
        clean = ["cargo", "clean", "--workspace", "--package", "utoipa-swagger-ui"]
        subprocess.run(clean, cwd=settings.ROOT, env=env, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        shutil.rmtree(own, ignore_errors=True)
