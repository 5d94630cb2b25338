"""The schedule, and functions that are invoked asynchronously."""

import json
from typing import Iterator

from dev.template_figures import pascal_case
from infra.repository import ROOT, Repository
from infra.rule import rule
from infra.rules.queues import name_of
from infra.stack import Stack

# The time after which Lambda repeats an asynchronous invocation for the first time, in seconds.
PAUSE = 60


# The limit that is the interval of each scheduled function.
INTERVALS = {"cleanup": "SWEEP_INTERVAL", "mail": "MAIL_INTERVAL", "migrate": "AUDIT_LOG_INTERVAL"}


def list_schedules(stack: Stack, function: str) -> list[tuple[str, dict]]:
    """Lists the schedules that invoke the alias of a function."""
    alias = f"${{{pascal_case(function)}FunctionAliaslive}}"
    return [(name, schedule) for name, schedule in stack.of_type("AWS::Scheduler::Schedule")
            if schedule["Target"]["Arn"] == alias and schedule.get("State", "ENABLED") == "ENABLED"]


@rule
def scheduled_functions_run_at_their_intervals(stack: Stack, repository: Repository) -> Iterator[str]:
    """One schedule invokes the alias of each scheduled function once in its interval."""
    for function, limit in INTERVALS.items():
        minutes = repository.limits[limit] // 60
        rate = f"rate({minutes} minute{'s' if minutes > 1 else ''})"
        if [schedule.get("ScheduleExpression") for _, schedule in list_schedules(stack, function)] != [rate]:
            yield f"there is not one schedule of {function} with {rate}"
    if len(list(stack.of_type("AWS::Scheduler::Schedule"))) != len(INTERVALS):
        yield f"there are other schedules than those of {', '.join(INTERVALS)}"


@rule
def the_schedule_only_has_migrate_delete_old_entries(stack: Stack, _: Repository) -> Iterator[str]:
    """The schedule of migrate sends the event of events/migrate-audit-log.json, and no other command."""
    command = json.loads((ROOT / "events" / "migrate-audit-log.json").read_text())
    for name, schedule in list_schedules(stack, "migrate"):
        if json.loads(schedule["Target"].get("Input", "{}")) != command:
            yield f"{name} sends another command than {command}"


@rule
def a_run_of_mail_is_not_repeated(stack: Stack, _: Repository) -> Iterator[str]:
    """The next run comes a minute later, so that an invocation that failed needs no repetition."""
    settings = stack.get("MailFunctionEventInvokeConfig")
    retries = [schedule["Target"].get("RetryPolicy", {}).get("MaximumRetryAttempts")
               for _, schedule in list_schedules(stack, "mail")]
    if [settings.get("MaximumRetryAttempts"), *retries] != [0] * (1 + len(retries)):
        yield "a failed run of mail is repeated"


@rule
def failed_sweeps_are_kept(stack: Stack, _: Repository) -> Iterator[str]:
    """A sweep that cannot start, or that fails, is tried again, and then reported to a queue."""
    for name, schedule in list_schedules(stack, "cleanup"):
        target = schedule["Target"]
        if not target.get("RetryPolicy", {}).get("MaximumRetryAttempts"):
            yield f"{name} does not try again"
        if name_of(target.get("DeadLetterConfig", {}).get("Arn", "")) != "SweepDeadLetters":
            yield f"{name} has no dead letters"
    settings = stack.get("CleanupFunctionEventInvokeConfig")
    if not settings.get("MaximumRetryAttempts"):
        yield "a failed sweep is not tried again"
    if settings.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination") != "${SweepDeadLetters.Arn}":
        yield "a failed sweep leaves no trace"


@rule
def a_migration_without_an_answer_is_repeated_once(stack: Stack, _: Repository) -> Iterator[str]:
    """CloudFormation waits for two invocations of migrate, and for the minute between them."""
    retries = stack.get("MigrateFunctionEventInvokeConfig").get("MaximumRetryAttempts", 2)
    needed = (retries + 1) * stack.get("MigrateFunction").get("Timeout", 3) + retries * PAUSE
    waits = int(stack.get("Migration").get("ServiceTimeout", 3600))
    if retries != 1:
        yield f"an invocation of migrate without an answer is repeated {retries} times"
    if not needed < waits <= 2 * needed:
        yield f"CloudFormation waits for {waits} s, and migrate may take {needed} s"
