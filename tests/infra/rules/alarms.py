"""Alarms: whom they tell, what they watch, and where docs/OPERATIONS.md explains them."""

import re
from typing import Iterator

from dev.template_figures import pascal_case
from infra.repository import Repository
from infra.rule import rule
from infra.rules.metrics import Metric, list_operands, list_watched
from infra.rules.queues import name_of
from infra.rules.routes import find_function, list_operations
from infra.stack import Stack

ALARM = "AWS::CloudWatch::Alarm"
# The alarms that go off without data. Others are about what happens from time to time.
WITHOUT_DATA = {"SweepsStop", "AuditsStop", "MailsStop"}
ENTRY = re.compile(r" See docs/OPERATIONS\.md#([a-z0-9-]+)$")
# The share of its time-out that an invocation may take, and of its concurrency that a function may use.
SHARE = 0.8
# CloudWatch's limits: the metrics in an expression, and the time that an alarm looks back, in seconds. If its
# periods have at least an hour, it may look back further.
MOST_METRICS, LONGEST, LONGEST_BY_HOURS = 10, 24 * 3600, 7 * 24 * 3600


def list_metrics(stack: Stack, name: str) -> list[Metric]:
    """Lists the metrics that an alarm watches. An alarm that does not exist watches nothing."""
    return list(list_watched(stack.get(name)))


@rule
def alarms_tell_somebody(stack: Stack, _: Repository) -> Iterator[str]:
    """Each alarm goes to the topic of the parameter. Each queue has an alarm."""
    topics = [stack.parameters["AlarmTopicArn"]] if stack.parameters["AlarmTopicArn"] else []
    watched = set()
    for name, alarm in stack.of_type(ALARM):
        watched |= {name_of(value) for metric in list_watched(alarm) for value in metric.dimensions.values()}
        if alarm.get("AlarmActions") != topics:
            yield f"{name} does not go to AlarmTopicArn"
        if alarm.get("TreatMissingData") != ("breaching" if name in WITHOUT_DATA else "notBreaching"):
            yield f"{name} does not treat missing data as it should"
    for name, _ in stack.of_type("AWS::SQS::Queue"):
        if name not in watched:
            yield f"no alarm watches {name}"


@rule
def alarms_are_explained(stack: Stack, repository: Repository) -> Iterator[str]:
    """Each alarm names an entry of docs/OPERATIONS.md, and each entry belongs to an alarm."""
    named = set()
    for name, resource in stack.source["Resources"].items():
        if resource["Type"] == ALARM:
            entry = ENTRY.search(resource["Properties"].get("AlarmDescription", ""))
            named.add(entry[1] if entry else "")
            if not entry or entry[1] not in repository.alarm_entries:
                yield f"{name} names no entry of docs/OPERATIONS.md"
    for entry in sorted(repository.alarm_entries - named):
        yield f"no alarm names the entry {entry} of docs/OPERATIONS.md"


@rule
def failed_and_slow_invocations_are_watched(stack: Stack, _: Repository) -> Iterator[str]:
    """Each function has alarms for failures, and for invocations that take 80 % of the time-out.

    Failed invocations of cleanup leave a message in a queue, which is watched.
    """
    for function, properties in stack.functions().items():
        name = f"{pascal_case(function)}Function"
        alias = {"FunctionName": f"${{{name}}}", "Resource": f"${{{name}}}:live"}
        if function != "cleanup" and list_metrics(stack, f"{pascal_case(function)}Errors") != [Metric("AWS/Lambda", "Errors", alias)]:
            yield f"no alarm watches the failures of {function}"
        slow = stack.get(f"{pascal_case(function)}Slow")
        if list(list_watched(slow)) != [Metric("AWS/Lambda", "Duration", alias)]:
            yield f"no alarm watches the duration of {function}"
        if slow.get("ExtendedStatistic", slow.get("Statistic")) not in ("p99", "Maximum"):
            yield f"the alarm for the duration of {function} does not see single slow invocations"
        if slow.get("Threshold") != SHARE * 1000 * properties["Timeout"]:
            yield f"{function} is not slow at 80 % of its time-out"


@rule
def refused_invocations_are_watched(stack: Stack, _: Repository) -> Iterator[str]:
    """An alarm counts the throttles of each function. The emulator knows no alarms on several metrics."""
    throttles = [Metric("AWS/Lambda", "Throttles", {"FunctionName": f"${{{pascal_case(function)}Function}}"})
                 for function in stack.functions()]
    watched = {name: list_metrics(stack, name) for name, _ in stack.of_type(ALARM)}
    for metric in throttles if not stack.parameters["Endpoint"] else []:
        if not any(metric in metrics for metrics in watched.values()):
            yield f"no alarm watches the throttles of {metric.dimensions['FunctionName']}"
    for name, metrics in watched.items():
        ids = [part["Id"] for part in list_operands(stack.get(name))]
        if any(metric in throttles for metric in metrics) and stack.get(name)["Metrics"][0].get("Expression") != " + ".join(ids):
            yield f"{name} does not count all that it watches"


@rule
def used_concurrency_is_watched(stack: Stack, _: Repository) -> Iterator[str]:
    """Where concurrency is reserved, two alarms count the functions of the API that use 80 % of it."""
    alarms = [stack.get(name) for name in ("AccountConcurrency", "ApiConcurrency")]
    functions = {find_function(stack, to) for _, _, to in list_operations(stack)}
    if stack.parameters["ReservedConcurrency"] != "true" or stack.parameters["Endpoint"]:
        return
    watched = {metric.dimensions.get("FunctionName"): metric.id for alarm in alarms for metric in list_watched(alarm)
               if metric.name == "ConcurrentExecutions"}
    counted = [term for alarm in alarms for one in alarm.get("Metrics", []) if "Expression" in one
               for term in one["Expression"].split(" + ")]
    for function in sorted(functions):
        reserved = stack.functions()[function].get("ReservedConcurrentExecutions")
        id = watched.get(f"${{{pascal_case(function)}Function}}")
        if f"({id} > {SHARE} * {reserved})" not in counted:
            yield f"no alarm watches the concurrency of {function}"


@rule
def alarms_wait_as_long_as_the_limits_say(stack: Stack, repository: Repository) -> Iterator[str]:
    """Thresholds follow from src/limits.rs. CloudWatch accepts the periods and the number of metrics."""
    interval = repository.limits["SWEEP_INTERVAL"]
    stop, lag, age = stack.get("SweepsStop"), stack.get("RemovalsLag"), stack.get("QueueAge")
    if (stop.get("Threshold"), stop.get("ComparisonOperator"), look_back(stop)) != (1, "LessThanThreshold", 2 * interval):
        yield "SweepsStop does not go off after two intervals without a sweep"
    audits, audit_interval = stack.get("AuditsStop"), repository.limits["AUDIT_INTERVAL"]
    found = (audits.get("Statistic"), audits.get("Threshold"), audits.get("ComparisonOperator"), look_back(audits))
    if found != ("SampleCount", 1, "LessThanThreshold", 2 * audit_interval):
        yield "AuditsStop does not go off after two intervals without an audit"
    if lag.get("Threshold") != 4 * interval:
        yield "RemovalsLag does not wait for four sweeps"
    if not repository.limits["MAX_PROVIDER_PAUSE"] < age.get("Threshold", 0) <= 2 * repository.limits["MAX_PROVIDER_PAUSE"]:
        yield "QueueAge goes off while a provider's pause lasts, or much later"
    mails, mail_lag = stack.get("MailsStop"), stack.get("MailsLag")
    if look_back(mails) != 15 * repository.limits["MAIL_INTERVAL"] or mails.get("Threshold") != 1:
        yield "MailsStop does not go off after fifteen intervals without a run"
    if mail_lag.get("Threshold") != repository.limits["RESET_LIFETIME"] // 2:
        yield "MailsLag does not go off when half the life of a link is over"
    for name, alarm in stack.of_type(ALARM):
        periods = list_periods(alarm)
        shortest = min(periods, default=alarm.get("Period", 0))
        if look_back(alarm) > (LONGEST_BY_HOURS if shortest >= 3600 else LONGEST) or len(periods) > 1:
            yield f"{name} looks back further than CloudWatch does, or at different periods"
        if len(list(list_watched(alarm))) > MOST_METRICS:
            yield f"{name} watches more than {MOST_METRICS} metrics"


def list_periods(alarm: dict) -> set[int]:
    """Returns the periods of the metrics in an alarm's expression, in seconds."""
    return {part["MetricStat"]["Period"] for part in list_operands(alarm)}


def look_back(alarm: dict) -> int:
    """Returns the time that an alarm evaluates, in seconds."""
    return alarm.get("EvaluationPeriods", 0) * max({alarm.get("Period", 0), *list_periods(alarm)})
