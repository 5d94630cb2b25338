"""What an upload costs on AWS, and what the deployed vault costs while nobody uses it.

The figures are those of the benchmark's table, of the template, and of two files: `bench/prices.json` has the
prices of AWS, and `bench/upload.json` what is not measured.
"""

import json
import math
from typing import NamedTuple

from dev import settings
from dev.events import Metric
from dev.measured import Function, Measured
from dev.template_figures import Template

# The memory in MB at which a function has a whole core. It has a share of one below
# (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html).
WHOLE_CORE = 1769
HOURS = 730
# The most that everything but S3's PUTs should cost, as a multiple of the PUTs.
TARGET = 0.7
MILLION = 1_000_000
# The functions on a schedule, which write their metrics in a month without a request, too.
SCHEDULED = ("functions/cleanup/", "functions/mail/")
# For each dimension of the vault's metrics, the figure that says how many values it has.
VALUES = {"code": "codes", "provider": "providers"}


class Item(NamedTuple):
    """A line of a bill: how often something is used. `price` is its name in `bench/prices.json`."""

    service: str
    what: str
    count: float
    price: str


class Prices:
    """The prices of AWS."""

    def __init__(self, data: dict) -> None:
        self.data = data

    def usd(self, item: Item) -> float:
        """Returns what an item costs, in dollars."""
        price = self.data["prices"][item.price]
        return item.count * price["usd"] / price["per"]

    def unit(self, item: Item) -> str:
        """Returns the unit in which an item is counted."""
        return self.data["prices"][item.price]["unit"]


def read_prices() -> Prices:
    """Reads the prices."""
    return Prices(json.loads((settings.ROOT / "bench" / "prices.json").read_text()))


def read_given_entries() -> "dict[str, dict]":
    """Reads the figures that are not measured, each with its basis: an estimate, or a page of AWS."""
    return json.loads((settings.ROOT / "bench" / "upload.json").read_text())


def read_given() -> "dict[str, float]":
    """Reads the values of these figures."""
    return {name: entry["value"] for name, entry in read_given_entries().items()}


def billed_ms(function: Function, memory: int, given: "dict[str, float]") -> int:
    """Returns the billed duration of a warm invocation, in whole milliseconds.

    It is the busy time with this memory (MB), and the time for which the function waits in its round trips.
    """
    waiting = function.postgres_trips * given["postgres_ms"] + function.store_trips * given["store_ms"]
    return math.ceil(function.busy_ms * max(1, WHOLE_CORE / memory) + waiting)


def list_uploads(measured: Measured, deployed: Template, given: "dict[str, float]") -> "list[Item]":
    """Returns what a million uploads use: requests for a URL, PUTs, confirmations and classifications.

    X-Ray records their invocations if it does so in prod.
    """
    # A nudge is a message of its own, and so is an invocation of classify.
    messages = 1 + given["early_notifications"]
    batches = messages / given["messages_per_batch"]
    invocations = {"upload-url": 1.0, "confirm": 1.0, "classify": batches}
    total = sum(invocations.values())
    lines = given["own_line_bytes"] + given["access_line_bytes"] + given["metric_line_bytes"]
    log_bytes = 2 * lines + total * given["platform_lines_bytes"]
    is_traced = deployed.parameter("Tracing", "prod") == "Active"
    items = [
        Item("S3", "PUT by the browser", 1, "s3_put"),
        Item("S3", "HEAD by confirm, GET by classify", measured.store_trips, "s3_get"),
        Item("API Gateway", "requests to upload-url and confirm", given["api_requests"], "api_request"),
        Item("data transfer", "answers to the browser", given["answer_bytes"] / 1e9, "transfer_out"),
        Item("Lambda", "invocations", total, "lambda_request"),
        *list_durations(measured, deployed, given, invocations),
        Item("SQS", "put-notification and nudges sent", messages, "sqs_request"),
        Item("SQS", "batches received and deleted", 2 * batches, "sqs_request"),
        Item("CloudWatch", "log lines", log_bytes / 1e9, "log_gb"),
        Item("X-Ray", "traces of invocations", total * given["traced"] * is_traced, "trace"),
        Item("Aurora", "writes", given["database_writes"], "aurora_io"),
    ]
    return [item._replace(count=item.count * MILLION) for item in items if item.count]


def list_durations(measured: Measured, deployed: Template, given: "dict[str, float]",
                   invocations: "dict[str, float]") -> "list[Item]":
    """Returns the durations of the functions, warm and cold, in GB-seconds."""
    items, cold, memory = [], 0.0, deployed.memory()
    for name, count in invocations.items():
        # classify is measured for each document. A batch has several, and a nudge may find nothing to do.
        documents = 1 / count
        ms = billed_ms(measured.functions[name].times(documents), memory[name], given)
        gb = memory[name] / 1024
        items.append(Item("Lambda", f"{name}: {ms} ms with {memory[name]} MB", count * ms / 1000 * gb, "lambda_gb_s"))
        cold += count * given["cold_starts"] * given["cold_start_ms"] / 1000 * gb
    return [*items, Item("Lambda", "cold starts", cold, "lambda_gb_s")]


def list_idle(deployed: Template, metrics: "dict[Metric, str]", given: "dict[str, float]", stage: str) -> "list[Item]":
    """Returns what the stack uses in a month without a request.

    In prod the database has a second instance. `metrics` are those of the vault, with the files that write
    them.
    """
    instances = 2 if stage == "prod" else 1
    endpoints = deployed.count("AWS::EC2::VPCEndpoint", r"(?s)Condition: OwnDatabase\n.*Interface")
    subnets = deployed.count("AWS::EC2::Subnet")
    # RDS keeps the password of the master user in a secret of its own.
    secrets = deployed.count("AWS::SecretsManager::Secret") + deployed.count("AWS::RDS::DBCluster", "ManageMasterUserPassword")
    queues = deployed.count_events("SQS")
    least = deployed.number("DatabaseMinCapacity", stage)
    scheduled = [metric for metric, path in metrics.items() if path.startswith(SCHEDULED)]
    runs, gb = HOURS * 60, deployed.memory()["mail"] / 1024
    log_bytes = given["run_line_bytes"] + given["platform_lines_bytes"]
    return [
        Item("RDS Proxy", "the least that is billed", given["proxy_least_acus"] * HOURS, "proxy_acu_hour"),
        Item("Aurora", f"{instances} x {least:g} ACU", instances * least * HOURS, "aurora_acu_hour"),
        Item("VPC", f"{endpoints} interface endpoints in {subnets} zones", endpoints * subnets * HOURS, "endpoint_hour"),
        Item("CloudWatch", "metrics that alarms watch", deployed.alarm_metrics(stage), "alarm"),
        Item("CloudWatch", "metrics of sweeps, the audit and mails", count_metrics(scheduled, given), "metric"),
        Item("CloudWatch", "dashboards", deployed.count("AWS::CloudWatch::Dashboard"), "dashboard"),
        Item("Secrets Manager", "secrets", secrets, "secret"),
        Item("SQS", f"polling {queues} queues", queues * given["idle_polls"], "sqs_request"),
        Item("CloudWatch", "log lines of mail", runs * log_bytes / 1e9, "log_gb"),
        Item("Lambda", "invocations of mail", runs, "lambda_request"),
        Item("Lambda", "durations of mail", runs * given["run_ms"] / 1000 * gb, "lambda_gb_s"),
    ]


def list_used_metrics(deployed: Template, metrics: "dict[Metric, str]", given: "dict[str, float]") -> "list[Item]":
    """Returns the metrics that exist only if the vault is used, in a month in which each of them occurs."""
    used = [metric for metric, path in metrics.items() if not path.startswith(SCHEDULED)]
    routes = deployed.count_events("HttpApi") * given["route_metrics"]
    return [
        Item("CloudWatch", "metrics of the API's routes", routes, "metric"),
        Item("CloudWatch", "metrics of uploads and classifications", count_metrics(used, given), "metric"),
        Item("CloudWatch", "metrics made of logs", deployed.count("AWS::Logs::MetricFilter"), "metric"),
    ]


def count_metrics(metrics: "list[Metric]", given: "dict[str, float]") -> float:
    """Returns how many metrics CloudWatch counts: each name, and again with each value of its dimension."""
    sets = {(metric.name, dimension) for metric in metrics for dimension in ("", metric.dimension)}
    return sum(given[VALUES[dimension]] if dimension else 1 for _, dimension in sets)


def share_of_puts(items: "list[Item]", prices: Prices) -> float:
    """Returns what everything but S3's PUTs costs, as a multiple of the PUTs."""
    puts = sum(prices.usd(item) for item in items if item.price == "s3_put")
    return (sum(map(prices.usd, items)) - puts) / puts
