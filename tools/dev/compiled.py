"""Compiled code: a folder for each checkout, which begins with the dependencies that another checkout has compiled.

One folder for all would not do: cargo names the crates of a workspace alike in every checkout and tells them apart by time alone,
so that one checkout could run what another has built.
"""

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from dev import cache, settings
from dev.report import say

# Names the checkout that a folder belongs to.
OWNER = "checkout"


def folder() -> Path:
    """This checkout's folder; a new one is handed on or linked from another checkout's."""
    own = settings.cache() / "build" / sha256(str(settings.ROOT).encode()).hexdigest()[:16]
    if not (own / OWNER).exists():
        cache.make_cache()
        with cache.lock("build"):
            if not (own / OWNER).exists():
                begin(own)
    return own


def begin(own: Path) -> None:
    """Fills a new folder with what is newest, without the crates of the workspace itself."""
    shutil.rmtree(own, ignore_errors=True)
    others = sorted(own.parent.glob(f"*/{OWNER}"), key=lambda owner: owner.stat().st_mtime)
    if others:
        say("  taking over compiled dependencies from another checkout")
        inherit(others[-1].parent, own)
    own.mkdir(parents=True, exist_ok=True)
    (own / OWNER).write_text(str(settings.ROOT))
    for owner in others:
        if not Path(owner.read_text()).exists():
            shutil.rmtree(owner.parent, ignore_errors=True)


def inherit(other: Path, own: Path) -> None:
    """Links files instead of copying gigabytes: cargo never changes what a dependency was compiled to. Where that fails, as
    it may while the other checkout is being built, everything is compiled anew."""
    ignored = shutil.ignore_patterns("incremental", OWNER, ".cargo-lock")
    env = {**os.environ, "CARGO_BUILD_BUILD_DIR": str(own)}
    try:
        shutil.copytree(other, own, copy_function=os.link, ignore=ignored)
        subprocess.run(["cargo", "clean", "--workspace"], cwd=settings.ROOT, env=env, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        shutil.rmtree(own, ignore_errors=True)
