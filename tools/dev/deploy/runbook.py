"""The kill switch of docs/OPERATIONS.md, by the commands on that page."""

from pathlib import Path
from typing import NamedTuple

from dev.deploy import commands
from dev.deploy.place import Place, check

PAGE = "docs/OPERATIONS.md"
# The settings of the schedule that must stay, but for its state.
SCHEDULE = ("State", "ScheduleExpression", "FlexibleTimeWindow", "Target", "GroupName")
# What begins or is in the blocks of commands: helpers for all others, then the kill switch and its parts.
HELPERS, SWITCH, STOP = f"STACK={commands.EXAMPLE}", "stop_vault() {", "stop_vault\n"
CLOSE, START = '"Closed"', 'if [ -s "$STACK.policy.json" ]'


def paste(place: Place, folder: Path, *texts: str) -> None:
    """Runs the blocks with these texts in one shell, after the helpers."""
    commands.paste(place.stack.emulator, folder, PAGE, HELPERS, *texts)


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
