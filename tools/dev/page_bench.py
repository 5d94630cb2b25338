"""The benchmark of the page: measures it in a browser, on a stack of release programs."""

import os
from pathlib import Path

from dev import browser, ports, settings
from dev.processes import Service, Services
from dev.report import UserError, say

# Seconds until a stack that is built is ready.
READY_AFTER = 180


def measure(programs: Path, folder: Path) -> str:
    """Returns the lines of the page for the benchmark's table. `folder` is for the stack's data."""
    lines = folder / "lines.md"
    with Services() as services:
        start(services, programs, folder)
        say("Measurements of the page, in a browser (about 5 minutes)")
        if browser.run_script("speed", [], folder, {"BENCH_LINES": str(lines)}):
            raise UserError("The page could not be measured. See the output above.")
    return lines.read_text()


def start(services: Services, programs: Path, folder: Path) -> None:
    """Starts the whole stack on free ports, and waits until it is ready."""
    names = dict(zip(ports.SERVICES, map(str, vars(ports.choose_free()).values())))
    env = {**os.environ, **names, "DEV_DATA": str(folder), "DOCUVAULT_PROGRAMS": str(programs),
           "ADDRESS_LIMIT_FACTOR": "1000"}
    stack = services.add(Service("the stack", [settings.ROOT / "dev", "up"], folder.with_suffix(".log"), env, grace=30))
    services.wait(stack, lambda: (folder / "settings.json").is_file(), READY_AFTER)
