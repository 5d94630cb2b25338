"""The schedule, and functions that are invoked asynchronously."""

from typing import Iterator

from infra.repository import Repository
from infra.rule import rule
from infra.rules.queues import name_of
from infra.stack import Stack

# The time after which Lambda repeats an asynchronous invocation for the first time, in seconds.
PAUSE = 60


@rule
def the_sweep_runs_at_its_interval(stack: Stack, repository: Repository) -> Iterator[str]:
    """One schedule invokes the alias of cleanup once in SWEEP_INTERVAL."""
    schedules = list(stack.of_type("AWS::Scheduler::Schedule"))
    minutes = repository.limits["SWEEP_INTERVAL"] // 60
    if [schedule.get("ScheduleExpression") for _, schedule in schedules] != [f"rate({minutes} minutes)"]:
        yield f"there is not one schedule of {minutes} minutes"
    for name, schedule in schedules:
        if schedule["Target"]["Arn"] != "${CleanupFunctionAliaslive}" or schedule.get("State", "ENABLED") != "ENABLED":
            yield f"{name} does not invoke the alias of cleanup"


@rule
def failed_sweeps_are_kept(stack: Stack, _: Repository) -> Iterator[str]:
    """An invocation that cannot start, or that fails, is tried again, and then reported to a queue."""
    for name, schedule in stack.of_type("AWS::Scheduler::Schedule"):
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
