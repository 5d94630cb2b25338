"""The checks of infra/template.yaml: the rules of tests/infra, their mutants, and linters."""

import os
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from dev import settings, template_tools
from dev.processes import spawn, wait
from dev.report import say

TEMPLATE = "infra/template.yaml"
# Rules of cfn-lint that do not fit the template after SAM's transformation: the template's own exception, and
# parameters that nothing but SAM reads.
IGNORED = ("W1033", "W2001")
# Two at a time: most of them use one core.
AT_ONCE = 2


class Check(NamedTuple):
    """A program that checks something. It prints what is wrong, and then fails."""

    name: str
    command: list


class Running(NamedTuple):
    """A check that runs, with its output."""

    check: Check
    process: object
    output: Path
    began: float


def run_all() -> "list[str]":
    """Runs all checks of the template, and returns the names of those that failed."""
    with tempfile.TemporaryDirectory() as name:
        folder, cases = Path(name), Path(name) / "cases"
        cases.mkdir()
        with (folder / "policies.json").open("w") as file:
            if wait(spawn(python("-m", "infra.policies"), env=environment(), stdout=file)):
                return ["template"]
        if wait(spawn(python("-m", "infra.transformed", cases), env=environment())):
            return ["template"]
        return run_together(list_checks(folder / "policies.json", sorted(cases.iterdir())), folder)


def list_checks(policies: Path, cases: "list[Path]") -> "list[Check]":
    """Lists the checks, the longest ones first.

    `policies` is the file that infra/policies.py wrote, and `cases` are those of infra/transformed.py.
    """
    sam, lint, own = template_tools.sam(), template_tools.linters(), template_tools.INFRA / "linters"
    tests = settings.ROOT / "tests"
    return [
        Check("template: mutants", python("-m", "unittest", "discover", "-t", tests, "-s", tests / "infra" / "tests")),
        Check("template: cfn-lint, cases", [sam / "cfn-lint", "-c", "I", "--ignore-checks", *IGNORED, "-t", *cases]),
        Check("template: checkov", [lint / "python", own / "check_template.py", policies]),
        Check("template: sam validate", [sam / "sam", "validate", "--lint", "--template", TEMPLATE]),
        Check("template: cfn-lint", [sam / "cfn-lint", "-c", "I", "-t", TEMPLATE]),
        Check("template: rules", python("-m", "infra")),
        Check("template: parliament", [lint / "python", own / "check_policies.py", policies]),
        Check("template: views of the page", [template_tools.node(), own / "views.mjs", cases[0]]),
        Check("template: write-once", [template_tools.node(), own / "write_once.mjs", template_tools.simulator(), policies]),
    ]


def python(*arguments: object) -> list:
    """Returns a command that runs the checker of tests/infra."""
    return [template_tools.sam() / "python", *arguments]


def environment() -> dict:
    """Returns the environment of the checks. SAM CLI would report to its maker."""
    path = os.pathsep.join(str(settings.ROOT / name) for name in ("tests", "tools"))
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1",
            "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-central-1"}


def run_together(checks: "list[Check]", folder: Path) -> "list[str]":
    """Runs checks, some at a time, and prints the result of each. Returns the names of those that failed."""
    waiting, running, failed = list(checks), [], []
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            running.append(begin(waiting.pop(0), folder))
        ended = [one for one in running if one.process.poll() is not None]
        running = [one for one in running if one not in ended]
        failed += [one.check.name for one in ended if not report(one)]
        time.sleep(0 if ended else 0.05)
    return failed


def begin(check: Check, folder: Path) -> Running:
    """Starts a check."""
    output = folder / check.name.replace(" ", "-")
    with output.open("w") as file:
        process = spawn(check.command, env=environment(), cwd=settings.ROOT, stdout=file, stderr=file)
    return Running(check, process, output, time.monotonic())


def report(ended: Running) -> bool:
    """Prints the result of a check, and its output if it failed. Returns whether it succeeded."""
    seconds = time.monotonic() - ended.began
    say(f"Check: {ended.check.name} ({seconds:.0f} s)")
    if ended.process.returncode:
        say(ended.output.read_text(errors="replace").rstrip())
    return not ended.process.returncode
