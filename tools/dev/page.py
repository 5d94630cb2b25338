"""The page: installs the tools that it is made with, builds it, and lists its checks."""

import hashlib
import os
from pathlib import Path

from dev import cache, fences, settings, template_tools
from dev.processes import run_logged
from dev.report import Heartbeat, say

WEB = settings.ROOT / "web"
# The checks: their names, and the scripts of web/package.json.
CHECKS = (("the page: lints", "lint"), ("the page: types", "typecheck"), ("the page: unit tests", "test"),
          ("the page: size of the first load", "size"))


def build() -> Path:
    """Returns the folder with the page. Builds it first unless nothing has changed since the last build."""
    cache.create()
    with cache.lock(f"page-{hashlib.sha256(str(WEB).encode()).hexdigest()[:12]}"):
        run_unless_done(WEB, "install", digest("web/package-lock.json"), "installing the page's libraries (npm, once)",
                        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        run_unless_done(WEB, "build", digest("web", "infra/openapi.json"), "building the page", ["run", "build"])
    return WEB / "dist"


def list_checks() -> list[tuple]:
    """Builds the page, and returns its checks: name, command, extra environment variables."""
    build()
    return [(name, npm("run", "--silent", script, "--prefix", WEB), environment()) for name, script in CHECKS]


def run_unless_done(folder: Path, step: str, wanted: str, what: str, arguments: list) -> None:
    """Runs npm with the arguments in the folder, unless the step was done with the same input.

    The mark of a step is in `node_modules`, so that it goes when the libraries go.
    """
    mark = folder / "node_modules" / f".{step}"
    if mark.is_file() and mark.read_text() == wanted and (step != "build" or (folder / "dist").is_dir()):
        return
    say(f"Page: {what}")
    heart, log = Heartbeat(what), settings.cache_folder() / "logs" / f"page-{step}.log"
    log.unlink(missing_ok=True)
    run_logged(what, npm(*arguments), log, {**os.environ, **environment()}, cwd=folder)
    mark.write_text(wanted)
    say(f"  done in {heart.elapsed()}")


def digest(*patterns: str) -> str:
    """Returns a hash of the files' names and contents. Ignored files do not count."""
    total = hashlib.sha256()
    for path in (path for pattern in patterns for path in fences.list_sources(pattern)):
        total.update(path.encode() + b"\0" + hashlib.sha256((settings.ROOT / path).read_bytes()).digest())
    return total.hexdigest()


def npm(*arguments: object) -> list:
    """Returns a command of npm."""
    return [template_tools.node().parent / "npm", *arguments]


def environment() -> dict:
    """Returns the variables with which npm finds the same Node."""
    return {"PATH": f"{template_tools.node().parent}{os.pathsep}{os.environ['PATH']}"}
