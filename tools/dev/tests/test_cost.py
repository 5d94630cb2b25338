"""What an upload costs follows from the benchmark's table, the template and the prices."""

import unittest

from dev import connections, cost, measured, tables
from dev.cost import Item, Prices
from dev.events import Metric
from dev.measured import Function, Measured
from dev.report import UserError
from dev.template_figures import Template

BENCH = """\
| round trips per warm request: upload-url | 1 Postgres + 0 store | 1 + 0 | met |
| round trips per warm request: confirm | 2 Postgres + 1 store | 2 + 1 | met |
| CPU per warm request: upload-url | <= 4.4 x hello world | 3.88 x (200 us) | met |
| CPU per warm request: confirm | <= 9.0 x hello world | 5.94 x (500 us) | met |
| queue of 1,000 small documents, builtin | >= 0.7 x the rate of a bare consumer | 0.68 x (125 a second) | |
| round trips per document of classify |  | 2 Postgres + 1 store |  |
"""

TEMPLATE = """\
Parameters:
  DatabaseMinCapacity:
    Type: Number
    Default: 0.5
  DatabaseMaxCapacity:
    Type: Number
    Default: 4
  Tracing:
    Type: String
    Default: Active
  ReservedConcurrency:
    Type: String
    Default: "true"
Mappings:
  Concurrency:
    Migrate: {dev: 1, staging: 1, prod: 1}
    UploadUrl: {dev: 5, staging: 5, prod: 20}
    Confirm: {dev: 4, staging: 4, prod: 20}
    Mail: {dev: 1, staging: 1, prod: 2}
    Classify: {dev: 6, staging: 6, prod: 12}
    ClassifyQueue: {dev: 4, staging: 4, prod: 10}
Globals:
  Function:
    Runtime: provided.al2023
    MemorySize: 256
Resources:
  FirstSubnet:
    Type: AWS::EC2::Subnet
    Condition: OwnDatabase
  QueueEndpoint:
    Type: AWS::EC2::VPCEndpoint
    Condition: OwnDatabase
    Properties:
      VpcEndpointType: Interface
  ModelEndpoint:
    Type: AWS::EC2::VPCEndpoint
    Condition: OwnBedrockEndpoint
    Properties:
      VpcEndpointType: Interface
  ProxyTargets:
    Type: AWS::RDS::DBProxyTargetGroup
    Properties:
      ConnectionPoolConfigurationInfo: {MaxConnectionsPercent: 90, ConnectionBorrowTimeout: 3}

  MigrateFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: migrate}}
    Properties:
      # Passwords are hashed.
      MemorySize: 1024
  UploadUrlFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: upload-url}}
    Properties:
      Events:
        Begin:
          Type: HttpApi
  ConfirmFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: confirm}}
    Properties:
      MemorySize: 512
      Events:
        Confirm:
          Type: HttpApi
  ClassifyFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: classify}}
    Properties:
      MemorySize: 1769
      Events:
        Queue:
          Type: SQS
  MailFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: mail}}
    Properties: {}
  QueueAge:
    Type: AWS::CloudWatch::Alarm
    Properties:
      MetricName: ApproximateAgeOfOldestMessage
  ApiConcurrency:
    Type: AWS::CloudWatch::Alarm
    Condition: WatchesConcurrency
    Properties:
      Metrics:
        - {Id: result, Expression: "auth + health"}
        - Id: auth
          MetricStat: {Stat: Maximum}
        - Id: health
          MetricStat: {Stat: Maximum}
"""

METRICS = {Metric("sweeps", "count", "", "the sweep has ended"): "functions/cleanup/src/sweep.rs",
           Metric("mail_runs", "count", "", "the mails that were due have been tried"): "functions/mail/src/run.rs",
           Metric("confirmed_bytes", "bytes", "", "an upload was confirmed"): "src/upload.rs",
           Metric("refused_bytes", "bytes", "code", "an upload was refused"): "src/upload.rs",
           Metric("refused_bytes", "bytes", "code", "an upload was too large"): "src/quota.rs"}

CONFIG = {stage: {"deploy": {"parameters": {"parameter_overrides": overrides}}} for stage, overrides in
          (("dev", ["Stage=dev", "DatabaseMaxCapacity=1", "ReservedConcurrency=false"]), ("staging", []), ("prod", ["DatabaseMinCapacity=2"]))}

GIVEN = {**cost.read_given(), "postgres_ms": 3, "store_ms": 25, "messages_per_batch": 1, "early_notifications": 0,
         "cold_starts": 0, "traced": 1}


def list_uploads(**changes):
    """Returns the items of a million uploads, by service and purpose, with these figures changed."""
    items = cost.list_uploads(measured.parse(BENCH), Template(TEMPLATE, CONFIG), {**GIVEN, **changes})
    return {(item.service, item.what): item.count for item in items}


class MeasuredTest(unittest.TestCase):
    def test_the_table_of_the_benchmark_is_read(self):
        expected = {"upload-url": Function(0.2, 1, 0), "confirm": Function(0.5, 2, 1), "classify": Function(8, 2, 1)}
        self.assertEqual(measured.parse(BENCH), Measured(expected))
        self.assertEqual(measured.parse(BENCH).store_trips, 2)

    def test_a_table_without_a_line_is_refused(self):
        with self.assertRaisesRegex(UserError, "0 lines like `CPU per warm request: confirm"):
            measured.parse(BENCH.replace("CPU per warm request: confirm", "CPU"))


class TemplateTest(unittest.TestCase):
    def test_figures_are_read(self):
        deployed = Template(TEMPLATE, CONFIG)
        self.assertEqual(deployed.memory(),
                         {"migrate": 1024, "upload-url": 256, "confirm": 512, "classify": 1769, "mail": 256})
        self.assertEqual([deployed.number("DatabaseMinCapacity", stage) for stage in ("dev", "prod")], [0.5, 2])
        self.assertEqual(deployed.concurrency()["upload-url"], {"dev": 5, "staging": 5, "prod": 20})
        self.assertEqual((deployed.count("AWS::EC2::VPCEndpoint"), deployed.count_events("HttpApi")), (2, 2))


class CostTest(unittest.TestCase):
    def test_a_function_has_a_share_of_a_core_and_waits_for_its_round_trips(self):
        # 0.5 ms on 512 of 1,769 MB are 1.7 ms. Two statements and a HEAD take 31 ms.
        self.assertEqual(cost.billed_ms(Function(0.5, 2, 1), 512, GIVEN), 33)
        self.assertEqual(cost.billed_ms(Function(8, 0, 0), 3000, GIVEN), 8)

    def test_an_upload_is_two_requests_a_put_and_a_classification(self):
        items = list_uploads()
        self.assertEqual(items["S3", "PUT by the browser"], 1_000_000)
        self.assertEqual(items["S3", "HEAD by confirm, GET by classify"], 2_000_000)
        self.assertEqual(items["API Gateway", "requests to upload-url and confirm"], 2_000_000)
        self.assertEqual(items["Lambda", "invocations"], 3_000_000)
        self.assertEqual(items["Lambda", "confirm: 33 ms with 512 MB"], 16_500)
        self.assertEqual(items["SQS", "batches received and deleted"], 2_000_000)

    def test_a_nudge_is_one_more_message_and_invocation(self):
        items = list_uploads(early_notifications=0.5)
        self.assertEqual(items["Lambda", "invocations"], 3_500_000)
        self.assertEqual(items["SQS", "put-notification and nudges sent"], 1_500_000)

    def test_a_batch_of_ten_documents_is_one_invocation_that_takes_as_long_as_ten(self):
        items = list_uploads(messages_per_batch=10)
        self.assertEqual(items["Lambda", "invocations"], 2_100_000)
        self.assertAlmostEqual(items["Lambda", "classify: 390 ms with 1769 MB"], 0.1 * 0.39 * 1769 / 1024 * 1_000_000)

    def test_traces_cost_only_where_x_ray_records_them(self):
        silent = Template(TEMPLATE.replace("Default: Active", "Default: PassThrough"), CONFIG)
        services = {item.service for item in cost.list_uploads(measured.parse(BENCH), silent, GIVEN)}
        self.assertIn(("X-Ray", "traces of invocations"), list_uploads())
        self.assertNotIn("X-Ray", services)

    def test_the_share_leaves_out_the_puts(self):
        prices = Prices({"prices": {"s3_put": {"usd": 5, "per": 1000}, "secret": {"usd": 0.4, "per": 1}}})
        items = [Item("S3", "", 2000, "s3_put"), Item("Secrets Manager", "", 10, "secret")]
        self.assertEqual(cost.share_of_puts(items, prices), 0.4)

    def test_prod_has_a_second_instance_of_the_database_and_its_own_capacity(self):
        acus = {stage: item.count for stage in ("dev", "prod")
                for item in cost.list_idle(Template(TEMPLATE, CONFIG), METRICS, GIVEN, stage) if item.service == "Aurora"}
        self.assertEqual(acus, {"dev": 365, "prod": 2920})

    def test_every_price_is_used(self):
        deployed, prices = Template(TEMPLATE, CONFIG), cost.read_prices()
        items = [*cost.list_uploads(measured.parse(BENCH), deployed, GIVEN),
                 *cost.list_idle(deployed, METRICS, GIVEN, "dev")]
        self.assertEqual({item.price for item in items}, set(prices.data["prices"]))


class MetricsTest(unittest.TestCase):
    def test_each_metric_of_an_expression_counts_where_the_alarm_exists(self):
        deployed = Template(TEMPLATE, CONFIG)
        self.assertEqual([deployed.alarm_metrics(stage) for stage in ("dev", "prod")], [1, 3])

    def test_each_value_of_a_dimension_is_one_more_metric(self):
        self.assertEqual(cost.count_metrics(METRICS, {**GIVEN, "codes": 4}), 1 + 1 + 1 + (1 + 4))

    def test_only_scheduled_functions_write_metrics_while_nobody_uses_the_vault(self):
        deployed = Template(TEMPLATE, CONFIG)
        idle = {item.what: item.count for item in cost.list_idle(deployed, METRICS, GIVEN, "dev")}
        used = {item.what: item.count for item in cost.list_used_metrics(deployed, METRICS, {**GIVEN, "codes": 4})}
        self.assertEqual(idle["metrics of sweeps, the audit and mails"], 2)
        self.assertEqual(used["metrics of uploads and classifications"], 6)


class ConnectionsTest(unittest.TestCase):
    def test_migrate_counts_twice_and_the_proxy_may_use_its_share(self):
        deployed = Template(TEMPLATE, CONFIG)
        self.assertEqual(connections.sum_connections(deployed), {"dev": 18, "staging": 18, "prod": 56})
        self.assertEqual([connections.limit(deployed, stage) for stage in ("dev", "prod")], [170, 740])
        rows = connections.format_budget(deployed).splitlines()
        self.assertIn("| `migrate` | 2 | 1 | 1 | 1 |", rows)
        self.assertIn("| during a deployment | | 36 | 36 | 112 |", rows)


    def test_the_account_keeps_a_hundred_besides_what_is_reserved(self):
        rows = connections.format_concurrency(Template(TEMPLATE, CONFIG)).splitlines()
        self.assertEqual(rows[2:], ["| dev | 0 | any |", "| staging | 17 | 117 |", "| prod | 55 | 155 |"])

    def test_a_small_least_capacity_limits_a_large_database(self):
        self.assertEqual([connections.max_connections(least, 16) for least in (0.5, 1)], [2000, 3360])


class TablesTest(unittest.TestCase):
    def test_a_table_replaces_what_stands_between_its_lines(self):
        page = "a\n<!-- ./dev tables: one -->\n\nold\n\n<!-- end -->\nb\n<!-- ./dev tables: two -->\n<!-- end -->\n"
        fresh = tables.replace(page, tables.Table("page.md", "one", "| new |"))
        self.assertEqual(fresh, page.replace("old", "| new |"))
        self.assertEqual(tables.replace(fresh, tables.Table("page.md", "one", "| new |")), fresh)

    def test_a_page_without_the_lines_is_refused(self):
        with self.assertRaisesRegex(UserError, "page.md needs the lines"):
            tables.replace("nothing", tables.Table("page.md", "one", ""))

    def test_amounts_have_no_superfluous_digits(self):
        shown = [tables.amount(number) for number in (3_100_000.0, 68410.5, 3.424, 0.25, 2)]
        self.assertEqual(shown, ["3,100,000", "68,410", "3.424", "0.25", "2"])


if __name__ == "__main__":
    unittest.main()
