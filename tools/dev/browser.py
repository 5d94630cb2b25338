"""The tests of the page in a browser, against the running stack."""

import os
import shutil
from pathlib import Path

from dev import cache, datadir, debian, page, settings
from dev.processes import run, run_logged
from dev.report import UserError, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The font of the pictures in web/e2e/pictures, of Debian's fonts-dejavu-core.
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def test(files: list) -> int:
    """Runs the tests in `web/e2e`, or only the files whose names contain one of the words."""
    say("Tests of the page, in a browser")
    return run_script("e2e", files, settings.data_folder(), {"PICTURES": picture_mode()})


def run_script(script: str, arguments: list, folder: Path, extra: dict) -> int:
    """Runs a script of web/package.json that needs a browser and a stack. `folder` has the stack's data."""
    values = datadir.read_settings(folder)
    env = {"PAGE_URL": values["WEB_ORIGIN"].partition(",")[0], "CHROMIUM": program(),
           "DEV_SCRIPT": str(settings.ROOT / "dev"), **extra}
    page.build()
    return run(page.npm("run", "--silent", script, "--prefix", page.WEB, "--", *arguments),
               {**os.environ, **page.environment(), **env})


def program() -> str:
    """Returns Chromium: what `DOCUVAULT_CHROMIUM` names, one on PATH, or Debian's, which root installs."""
    can_install = debian.is_available() and os.geteuid() == 0
    if can_install and not (find_program() and FONT.is_file()):
        cache.create()
        with cache.lock("chromium"):
            install(settings.cache_folder() / "logs" / "chromium.log")
    found = find_program()
    if not found:
        raise UserError("The tests of the page need Chromium. Install it (Debian: `apt-get install chromium`), or set "
                        "DOCUVAULT_CHROMIUM to its program.")
    return found


def find_program() -> "str | None":
    """Returns the Chromium of this machine."""
    names = (settings.value("DOCUVAULT_CHROMIUM"), *NAMES)
    return next((shutil.which(name) for name in names if name and shutil.which(name)), None)


def picture_mode() -> str:
    """Returns what happens to pictures of the page. Only Debian draws letters like those that are kept."""
    if settings.value("PICTURES") or debian.is_available():
        return settings.value("PICTURES", "compare")
    say("Pictures of the page are not compared: this is not Debian. CI compares them.")
    return "skip"


def install(log: Path) -> None:
    """Installs Debian's Chromium, with one font."""
    apt = ["apt-get", "--quiet", "--yes", "--no-install-recommends"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run_logged("reading Debian's list of packages", [*apt, "update"], log, env)
    run_logged("installing Chromium (apt, under a minute, once)", [*apt, "install", "chromium", "fonts-dejavu-core"], log, env)
