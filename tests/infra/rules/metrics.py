"""Metrics: those that alarms and the dashboard name exist, and the dashboard has all of the vault's own."""

import json
import re
from typing import Iterator, NamedTuple

from dev.template_figures import pascal_case
from infra.repository import Repository
from infra.rule import rule
from infra.rules.routes import find_function, list_operations
from infra.stack import Stack

OWN = "DocuVault/${AWS::StackName}"
# Metrics of AWS's services, by namespace and dimensions, as their documentation lists them.
DOCUMENTED = {
    ("AWS/Lambda", ("FunctionName",)): {"Errors", "Duration", "Throttles", "ConcurrentExecutions"},
    ("AWS/Lambda", ("FunctionName", "Resource")): {"Errors", "Duration", "Throttles"},
    ("AWS/ApiGateway", ("ApiId",)): {"Count", "4xx", "5xx", "Latency", "IntegrationLatency"},
    ("AWS/SQS", ("QueueName",)): {
        "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible",
        "NumberOfMessagesReceived"},
    ("AWS/RDS", ("ProxyName",)): {"ClientConnections"},
    ("AWS/RDS", ("DBClusterIdentifier",)): {"DatabaseConnections", "ServerlessDatabaseCapacity"},
}
# SEARCH('{"namespace",dimension} MetricName="name"', 'statistic', period)
SEARCH = re.compile(r"""^SEARCH\('\{"([^"]+)",(\w+)\} MetricName="(\w+)"', '\w+', \d+\)$""")
SYMBOL = re.compile(r"\$\{(\w+)[.}]")
SOURCE = re.compile(r"SOURCE '\$\{(\w+)\}'")
MESSAGES = re.compile(r"message in \[([^\]]*)\]")


class Metric(NamedTuple):
    """A metric, with the values of its dimensions. In an expression it has an id."""

    namespace: str
    name: str
    dimensions: dict
    id: str = ""

    def __eq__(self, other: object) -> bool:
        """Compares everything but the id."""
        return isinstance(other, Metric) and self[:3] == other[:3]


def list_operands(alarm: dict) -> list[dict]:
    """Lists the parts of an alarm that its expression names: metrics, each with an id and a period."""
    return [part for part in alarm.get("Metrics", []) if "MetricStat" in part]


def list_watched(alarm: dict) -> Iterator[Metric]:
    """Lists the metrics of an alarm: one, or those of an expression."""
    entries = [(part["MetricStat"]["Metric"], part["Id"]) for part in list_operands(alarm)]
    for entry, id in [(alarm, ""), *entries]:
        if "MetricName" in entry:
            dimensions = {one["Name"]: one["Value"] for one in entry.get("Dimensions", [])}
            yield Metric(entry.get("Namespace", ""), entry["MetricName"], dimensions, id)


def read_widgets(stack: Stack) -> list[dict]:
    """Returns the widgets of the dashboard. Raises a ValueError if its body is not JSON."""
    return json.loads(stack.get("Dashboard").get("DashboardBody", "{}")).get("widgets", [])


def list_shown(widgets: list[dict]) -> Iterator[Metric]:
    """Lists the metrics of the dashboard. In a row, "." and "..." repeat fields of the row above."""
    for widget in widgets:
        above: list = []
        for row in widget["properties"].get("metrics", []):
            if isinstance(row[0], dict):
                found = SEARCH.match(row[0].get("expression", ""))
                yield Metric(found[1], found[3], {found[2]: "*"}) if found else Metric("", str(row), {})
                continue
            fields = [field for field in row if isinstance(field, str)]
            if fields[0] == "...":
                fields = above[:len(above) - len(fields) + 1] + fields[1:]
            above = [above[at] if field == "." else field for at, field in enumerate(fields)]
            yield Metric(above[0], above[1], dict(zip(above[2::2], above[3::2])))


def list_existing(stack: Stack, repository: Repository) -> set[tuple]:
    """Returns the metrics that somebody writes: their namespaces, names and the names of their dimensions."""
    known = {(space, name, dimensions) for (space, dimensions), names in DOCUMENTED.items() for name in names}
    for name, dimensions in repository.metrics.items():
        known |= {(OWN, name, ()), *((OWN, name, (dimension,)) for dimension in dimensions)}
    for _, counted in stack.of_type("AWS::Logs::MetricFilter"):
        known |= {(one["MetricNamespace"], one["MetricName"], ()) for one in counted["MetricTransformations"]}
    return known


@rule
def metrics_exist(stack: Stack, repository: Repository) -> Iterator[str]:
    """Alarms and the dashboard name metrics that the source, a filter of a log or a service of AWS writes."""
    known = list_existing(stack, repository)
    named = [("Dashboard", metric) for metric in list_shown(read_widgets(stack))]
    for name, alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        named += [(name, metric) for metric in list_watched(alarm)]
    for name, metric in named:
        if (metric.namespace, metric.name, tuple(sorted(metric.dimensions))) not in known:
            yield f"{name} names {metric.namespace} {metric.name} ({', '.join(metric.dimensions)}), which nobody writes"


@rule
def the_dashboard_shows_every_metric_of_the_vault(stack: Stack, repository: Repository) -> Iterator[str]:
    """A metric that nobody looks at costs as much as another."""
    shown = {metric.name for metric in list_shown(read_widgets(stack)) if metric.namespace == OWN}
    for name in sorted(repository.metrics.keys() - shown):
        yield f"the dashboard does not show {name}"


@rule
def functions_write_metrics_under_the_name_of_the_stack(stack: Stack, _: Repository) -> Iterator[str]:
    """All functions use the namespace that alarms and the dashboard name."""
    for function in stack.functions():
        if stack.variables(function).get("METRICS_NAMESPACE") != OWN:
            yield f"{function} does not write its metrics to {OWN}"


@rule
def the_dashboard_names_what_exists(stack: Stack, repository: Repository) -> Iterator[str]:
    """Names in the dashboard are those of the stack. Its log groups are those of functions with routes."""
    body = stack.get("Dashboard").get("DashboardBody", "")
    for name in sorted(set(SYMBOL.findall(body)) - stack.resources.keys()):
        yield f"the dashboard names {name}, which does not exist"
    routed = {f"{pascal_case(find_function(stack, to))}Log" for _, _, to in list_operations(stack)}
    for widget in read_widgets(stack):
        properties = widget["properties"]
        if properties.get("region") != "${AWS::Region}" or not properties.get("title"):
            yield f"a widget has no title, or another region: {properties.get('title')}"
        query = properties.get("query", "")
        if query and set(SOURCE.findall(query)) != routed:
            yield "the dashboard does not read the logs of all functions with routes"
        for message in re.findall(r"'([^']*)'", "".join(MESSAGES.findall(query))):
            if message not in repository.log_messages:
                yield f"the dashboard looks for lines `{message}`, which nobody writes"
