"""Runs commands of a page in docs/ on the deployed stack, as an operator would paste them.

Version 1 of the AWS CLI is on PyPI. The commands that are tried here are the same in version 2.
"""

import os
import re
import subprocess
from pathlib import Path
from textwrap import dedent

from dev import deploy_tools, settings
from dev.deploy.emulator import ACCOUNT, REGION, Emulator
from dev.deploy.stack import NAME
from dev.report import UserError

BLOCK = re.compile(r"^ *```(?:bash|sh)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
# The stack in the commands of docs/OPERATIONS.md.
EXAMPLE = "docuvault-prod"


def find_block(page: str, text: str) -> str:
    """Returns the only block of commands in a page that has this text."""
    blocks = [dedent(block) for block in BLOCK.findall((settings.ROOT / page).read_text()) if text in block]
    if len(blocks) != 1:
        raise UserError(f"{page} has {len(blocks)} blocks of commands with `{text.strip()}`, and should have one.")
    return blocks[0]


def paste(emulator: Emulator, folder: Path, page: str, *texts: str) -> None:
    """Runs the blocks of a page with these texts in one shell. Raises a UserError if one fails."""
    path = f"{deploy_tools.aws_cli()}{os.pathsep}{os.environ['PATH']}"
    # Version 2 of the AWS CLI reads AWS_REGION, which the pages set.
    env = {**os.environ, **ACCOUNT, "PATH": path, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": emulator.url,
           "AWS_CA_BUNDLE": str(emulator.authority)}
    commands = ["set -euo pipefail", *(find_block(page, text) for text in texts)]
    script = "\n".join(commands).replace(EXAMPLE, NAME)
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"Commands of {page} failed ({', '.join(texts)}):\n{done.stdout}{done.stderr}")
