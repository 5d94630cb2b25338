"""Runs commands of docs/OPERATIONS.md on the deployed stack, as an operator would paste them.

Version 1 of the AWS CLI is on PyPI. The commands that are tried here are the same in version 2.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from dev import deploy_tools, settings
from dev.deploy.emulator import ACCOUNT, REGION
from dev.deploy.place import Place, check
from dev.deploy.stack import NAME
from dev.report import UserError

PAGE = "docs/OPERATIONS.md"
BLOCK = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)
# The stack in the page's commands.
EXAMPLE = "docuvault-prod"
# The settings of the schedule that must stay, but for its state.
SCHEDULE = ("State", "ScheduleExpression", "FlexibleTimeWindow", "Target", "GroupName")
# What begins or is in the blocks of commands: helpers for all others, then the kill switch and its parts.
HELPERS, SWITCH, STOP = f"STACK={EXAMPLE}", "stop_vault() {", "stop_vault\n"
CLOSE, START = '"Closed"', 'if [ -s "$STACK.policy.json" ]'


def find_block(text: str) -> str:
    """Returns the only block of commands in the page that has this text."""
    blocks = [block for block in BLOCK.findall((settings.ROOT / PAGE).read_text()) if text in block]
    if len(blocks) != 1:
        raise UserError(f"{PAGE} has {len(blocks)} blocks of commands with `{text.strip()}`, and should have one.")
    return blocks[0]


def paste(place: Place, folder: Path, *texts: str) -> None:
    """Runs the blocks with these texts in one shell, after the helpers. Raises a UserError if one fails."""
    emulator, path = place.stack.emulator, f"{deploy_tools.aws_cli()}{os.pathsep}{os.environ['PATH']}"
    # Version 2 of the AWS CLI reads AWS_REGION, which the page sets.
    env = {**os.environ, **ACCOUNT, "PATH": path, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": emulator.url,
           "AWS_CA_BUNDLE": str(emulator.authority)}
    commands = ["set -euo pipefail", *map(find_block, (HELPERS, *texts))]
    script = "\n".join(commands).replace(EXAMPLE, NAME)
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"Commands of {PAGE} failed ({', '.join(texts)}):\n{done.stdout}{done.stderr}")


def stop_and_start(place: Place, folder: Path) -> str:
    """Stops the stack by the kill switch, and starts it. Messages wait in the queue in between."""
    # The stack reserves nothing. One function does here, as all do in prod.
    reserved, lambdas = place.stack.ids["QuotaFunction"], place.stack.emulator.client("lambda")
    lambdas.put_function_concurrency(FunctionName=reserved, ReservedConcurrentExecutions=3)
    before = read_state(place)
    paste(place, folder, SWITCH, STOP)
    # The emulator keeps the concurrency of 0, but answers requests.
    document = place.caller.store()
    check("confirmation", place.caller.confirm(document)[0], 200)
    check("status", place.caller.wait(document, 3), "uploaded")
    # If the vault is stopped again, the figures of the first time must not be lost.
    paste(place, folder, SWITCH, STOP, CLOSE)
    stopped = read_state(place)
    check("event sources", set(stopped.sources), {"Disabled"})
    check("schedules", stopped.schedules, [{**schedule, "State": "DISABLED"} for schedule in before.schedules])
    check("reserved concurrency", set(stopped.concurrency.values()), {0})
    check("statement of the bucket's policy", stopped.statements[-1]["Sid"], "Closed")
    paste(place, folder, SWITCH, START)
    check("state", read_state(place), before)
    lambdas.delete_function_concurrency(FunctionName=reserved)
    place.check_outcome("status", document, "classified")
    return f"{len(before.concurrency)} functions"


class State(NamedTuple):
    """What the kill switch changes."""

    sources: list
    schedules: list
    concurrency: dict
    statements: list


def read_state(place: Place) -> State:
    """Reads the event sources, the schedules, the reserved concurrency and the bucket's policy."""
    stack = place.stack
    lambdas, schedules = stack.emulator.client("lambda"), stack.emulator.client("scheduler")
    sources = [source["State"] for source in lambdas.list_event_source_mappings()["EventSourceMappings"]]
    scheduled = [schedules.get_schedule(Name=stack.ids[id])
                 for id in ("CleanupFunctionSweep", "MailFunctionSend", "MigrateFunctionExpireAuditLog")]
    concurrency = {name: lambdas.get_function_concurrency(FunctionName=stack.ids[id]).get("ReservedConcurrentExecutions")
                   for name, id in stack.functions.items()}
    found = [{name: schedule[name] for name in SCHEDULE} for schedule in scheduled]
    return State(sources, found, concurrency, stack.bucket_statements())
