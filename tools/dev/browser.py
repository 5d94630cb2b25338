"""The tests of the page in a browser, against the running stack."""

import os
import shutil
from pathlib import Path

from dev import cache, datadir, debian, page, settings
from dev.processes import run, run_logged
from dev.report import UserError, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def test(files: list) -> int:
    """Runs the tests in `web/e2e`, or only the files whose names contain one of the words."""
    values = datadir.read_settings(settings.data_folder())
    env = {"PAGE_URL": values["WEB_ORIGIN"].partition(",")[0], "CHROMIUM": program(),
           "DEV_SCRIPT": str(settings.ROOT / "dev")}
    page.build()
    say("Tests of the page, in a browser")
    return run(page.npm("run", "--silent", "e2e", "--prefix", page.WEB, "--", *files),
               {**os.environ, **page.environment(), **env})


def program() -> str:
    """Returns Chromium: what `DOCUVAULT_CHROMIUM` names, one on PATH, or Debian's, which root installs."""
    for name in (settings.value("DOCUVAULT_CHROMIUM"), *NAMES):
        if name and shutil.which(name):
            return shutil.which(name)
    if not debian.is_available() or os.geteuid() != 0:
        raise UserError("The tests of the page need Chromium. Install it (Debian: `apt-get install chromium`), or set "
                        "DOCUVAULT_CHROMIUM to its program.")
    cache.create()
    with cache.lock("chromium"):
        install(settings.cache_folder() / "logs" / "chromium.log")
    return shutil.which("chromium") or "chromium"


def install(log: Path) -> None:
    """Installs Debian's Chromium, with one font."""
    apt = ["apt-get", "--quiet", "--yes", "--no-install-recommends"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run_logged("reading Debian's list of packages", [*apt, "update"], log, env)
    run_logged("installing Chromium (apt, under a minute, once)", [*apt, "install", "chromium", "fonts-dejavu-core"], log, env)
