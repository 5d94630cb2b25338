"""Third-party programs that build for AWS and emulate it, in pinned versions.

SAM CLI is in template_tools.py.
"""

import os
from pathlib import Path

from dev import cache, tools
from dev.processes import run_logged

EMULATOR_PINS = Path(__file__).parent / "deploy" / "requirements.txt"
AWS_CLI_PINS = Path(__file__).parent / "deploy" / "aws-cli.txt"
ZIG_WHEEL = "ziglang==0.17.1"
RUNTIME_EMULATOR = "v0.0.0-20261030222936-bef5c4ba774d"


def emulator() -> Path:
    """Returns the programs of ministack's environment, which has clients of AWS, too."""
    return tools.environment("emulator", EMULATOR_PINS, "ministack, an emulator of AWS (pip, under a minute, once)")


def aws_cli() -> Path:
    """Returns the programs of the AWS CLI's environment."""
    return tools.environment("aws-cli", AWS_CLI_PINS, "the AWS CLI (pip, under a minute, once)")


def zig() -> Path:
    """Returns the programs of an environment with Zig, which links programs for arm64."""
    def make(folder: Path, log: Path) -> None:
        tools.make_venv(folder, log)
        tools.pip(folder, log, "--no-deps", ZIG_WHEEL)
    return cache.install(tools.environment_name("zig", ZIG_WHEEL.encode()), "Zig (pip, under a minute, once)", make) / "bin"


def runtime_emulator() -> Path:
    """AWS's Runtime Interface Emulator, which invokes one program as Lambda does."""
    def make(folder: Path, log: Path) -> None:
        module = f"github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie@{RUNTIME_EMULATOR}"
        env = {**os.environ, "GOBIN": str(folder), "CGO_ENABLED": "0"}
        run_logged("building the Runtime Interface Emulator", ["go", "install", module], log, env)
    what = "AWS's Runtime Interface Emulator (Go builds it, under a minute, once)"
    return cache.install(f"runtime-emulator-{RUNTIME_EMULATOR.rpartition('-')[2]}", what, make) / "aws-lambda-rie"
