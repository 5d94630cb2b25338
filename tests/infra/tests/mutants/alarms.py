"""Mutants of the rules about alarms, metrics, the dashboard and the runbook."""

from infra.rules import alarms, metrics, runbook
from infra.tests.change import Change, drop, put

THROTTLES = "ApiThrottles/Metrics"


def rename(old: str, new: str) -> Change:
    """Replaces a text in the dashboard, which must have it."""
    def change(template: dict) -> None:
        parts = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
        if old not in parts[0]:
            raise ValueError(f"the dashboard has no {old}")
        parts[0] = parts[0].replace(old, new)
    return change


MUTANTS = {
    alarms.alarms_tell_somebody: {
        "an alarm is silent": drop("QueueAge/AlarmActions"),
        "no data is an alarm": put("QueueAge/TreatMissingData", "breaching"),
        "no sweep is no alarm": put("SweepsStop/TreatMissingData", "notBreaching"),
        "no audit is no alarm": put("AuditsStop/TreatMissingData", "notBreaching"),
        "dead letters are not watched": drop("@DeadLettersArrive"),
    },
    alarms.alarms_are_explained: {
        "an alarm has no entry": put("QueueAge/AlarmDescription", "Documents wait."),
        "an alarm names another heading": put("QueueAge/AlarmDescription", "Documents wait. See docs/OPERATIONS.md#the-dashboard"),
        "an entry has no alarm": drop("@LedgerDrifts"),
    },
    alarms.failed_and_slow_invocations_are_watched: {
        "failures are not watched": drop("@MigrateErrors"),
        "failures of all versions": drop("QuotaErrors/Dimensions/1"),
        "slow invocations are not watched": drop("@CleanupSlow"),
        "another function is watched": put("CleanupSlow/Dimensions/0/Value", {"Ref": "MigrateFunction"}),
        "the mean hides slow ones": put("MigrateSlow/Statistic", "Average"),
        "slow is too slow": put("CleanupSlow/Threshold", 90000),
        "the median hides slow ones": put("ClassifySlow/ExtendedStatistic", "p50"),
        "the function ends earlier": put("CleanupFunction/Timeout", 60),
    },
    alarms.refused_invocations_are_watched: {
        "a function is missing": drop(f"{THROTTLES}/1"),
        "the others are missing": drop("@WorkThrottles"),
        "one is not counted": put(f"{THROTTLES}/0/Expression", "upload_url"),
        "another metric": put(f"{THROTTLES}/1/MetricStat/Metric/MetricName", "Errors"),
    },
    alarms.used_concurrency_is_watched: {
        "nothing is watched": drop("@ApiConcurrency"),
        "a function is missing": drop("ApiConcurrency/Metrics/1"),
        "another function's reservation": put("AccountConcurrency/Metrics/0/Expression/Fn::Sub/1/Auth", {
            "Fn::FindInMap": ["Concurrency", "Health", {"Ref": "Stage"}]}),
        "all of it": put("AccountConcurrency/Metrics/0/Expression/Fn::Sub/0", "(auth > 1.0 * ${Auth})"),
    },
    alarms.alarms_wait_as_long_as_the_limits_say: {
        "one interval without a sweep": put("SweepsStop/EvaluationPeriods", 6),
        "sweeps are an alarm": put("SweepsStop/ComparisonOperator", "GreaterThanThreshold"),
        "one sweep late": put("RemovalsLag/Threshold", 1800),
        "a provider's pause is an alarm": put("QueueAge/Threshold", 3600),
        "one pass late is an alarm": put("AuditsStop/EvaluationPeriods", 24),
        "an empty bucket is an alarm": put("AuditsStop/Statistic", "Sum"),
        "short periods look back by more than a day": put("SweepsStop/EvaluationPeriods", 289),
        "an alarm looks back by more than a week": put("LedgerDrifts/EvaluationPeriods", 169),
        "different periods": put("ObjectsDiffer/Metrics/1/MetricStat/Period", 60),
        "too many metrics": lambda template: template["Resources"]["ApiThrottles"]["Properties"]["Metrics"].extend(
            template["Resources"]["WorkThrottles"]["Properties"]["Metrics"][1:]),
    },
    metrics.metrics_exist: {
        "an alarm names no metric of the vault": put("SweepsStop/MetricName", "sweep"),
        "an alarm has a dimension too many": put("SweepsStop/Dimensions", [{"Name": "part", "Value": "nudges"}]),
        "another namespace": put("LedgerDrifts/Namespace", "DocuVault"),
        "an expression names none": put("ProvidersFail/Metrics/1/MetricStat/Metric/MetricName", "errors"),
        "the dashboard names none": rename('"drift_bytes"', '"drifted_bytes"'),
        "the dashboard repeats it by a point": rename('[".", "refused_uploads"]', '[".", "refusals"]'),
        "the dashboard searches for none": rename('MetricName=\\"provider_us\\"', 'MetricName=\\"provider_ms\\"'),
        "the dashboard searches by another dimension": rename(',code} MetricName=\\"refused_uploads', ',reason} MetricName=\\"refused_uploads'),
        "AWS has none": rename('"Throttles"', '"Refusals"'),
        "AWS has another dimension": rename('"Count", "ApiId"', '"Count", "ApiName"'),
    },
    metrics.the_dashboard_shows_every_metric_of_the_vault: {
        "one is missing": rename('"dropped_tombstones"', '"dropped_objects"'),
    },
    metrics.functions_write_metrics_under_the_name_of_the_stack: {
        "no metrics": drop("/Globals/Function/Environment/Variables/METRICS_NAMESPACE"),
        "a name for all stacks": put("/Globals/Function/Environment/Variables/METRICS_NAMESPACE", "DocuVault"),
    },
    metrics.the_dashboard_names_what_exists: {
        "a queue is gone": rename("${Queue.QueueName}", "${Messages.QueueName}"),
        "the database is always there": lambda template: put("Dashboard/DashboardBody/Fn::Sub/1/Database", (
            template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][1]["Database"]["Fn::If"][1]))(template),
        "a function's log is missing": put("Dashboard/DashboardBody/Fn::Sub/1/Logs", {"Fn::Sub": "SOURCE '${AuthLog}'"}),
        "a line is misspelled": put("Dashboard/DashboardBody/Fn::Sub/1/Routes", "filter message in ['request answer']"),
        "a fixed region": rename('"region": "${AWS::Region}"', '"region": "eu-central-1"'),
    },
    runbook.the_runbook_names_what_exists: {
        "a queue has another name": lambda template: template["Resources"].update(
            FailedSweeps=template["Resources"].pop("SweepDeadLetters")),
        "there is no schedule": lambda template: [drop(path)(template) for path in (
            "CleanupFunction/Events/Sweep", "MailFunction/Events/Send", "MigrateFunction/Events/ExpireAuditLog")],
    },
}
