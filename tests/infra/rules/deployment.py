"""Deployments: migrations come first, and alarms bring the old version back."""

import re
from typing import Iterator

from dev.template_figures import pascal_case
from infra.repository import Repository
from infra.rule import rule
from infra.rules.rights import as_list
from infra.stack import Stack

# What an emulator of CloudFormation refuses. `GradualDeployment=false` and an existing database leave it out.
REFUSED = re.compile(r"AWS::(RDS|CodeDeploy|EC2)::|AWS::CloudWatch::CompositeAlarm|AWS::SecretsManager::RotationSchedule")
# Errors in the access log, except for answers of Lambda that a function's concurrency is used up.
API_ERRORS = '{ $.status = "5*" && $.integrationStatus != "429" }'


@rule
def functions_wait_for_the_migration(stack: Stack, _: Repository) -> Iterator[str]:
    """A function gets new code only after the schema has changed."""
    for function in stack.functions():
        before = as_list(stack.resources[f"{pascal_case(function)}Function"].get("DependsOn", []))
        if function != "migrate" and "Migration" not in before:
            yield f"{function} does not depend on Migration"


@rule
def migrations_run_with_each_version(stack: Stack, _: Repository) -> Iterator[str]:
    """The resource changes with each version of migrate, and waits for all that functions need."""
    migration = stack.get("Migration")
    if migration.get("ServiceToken") != "${MigrateFunctionAliaslive}":
        yield "Migration does not invoke the alias of migrate"
    if not str(migration.get("Version", "")).startswith("${MigrateFunctionVersion"):
        yield "Migration does not change with the version of migrate"
    missing = {"TokenPolicy", "RowsPolicy", "FirstInstance", "ProxyTargets", "S3Endpoint", "SecretsEndpoint",
               "QueueEndpoint", "FirstSubnetRoutes", "SecondSubnetRoutes"} & stack.resources.keys()
    for name in sorted(missing - {text.strip("${}") for text in migration.get("After", [])}):
        yield f"Migration does not wait for {name}"
    before = stack.resources["MigrateFunction"].get("Metadata", {}).get("After")
    if "PlatformPolicy" in stack.resources and before != "${PlatformPolicy}":
        yield "migrate is made before it may join the network"


@rule
def alarms_bring_the_old_version_back(stack: Stack, _: Repository) -> Iterator[str]:
    """A gradual deployment watches the function's alarms, and errors of the API."""
    groups = dict(stack.of_type("AWS::CodeDeploy::DeploymentGroup"))
    for function in stack.functions():
        name = pascal_case(function)
        if stack.parameters["GradualDeployment"] != "true" or function in ("migrate", "cleanup"):
            continue
        group = groups.get(f"{name}FunctionDeploymentGroup", {})
        watched = {alarm["Name"].strip("${}") for alarm in group.get("AlarmConfiguration", {}).get("Alarms", [])}
        if watched != {f"{name}Errors", f"{name}Slow", "ApiErrors"}:
            yield f"the deployment of {function} does not watch its alarms"


@rule
def errors_of_the_api_are_counted_in_its_log(stack: Stack, _: Repository) -> Iterator[str]:
    """The alarm and the filter of the access log have the same metric. The filter reads fields of the log."""
    count, alarm = stack.get("ApiErrorCount"), stack.get("ApiErrors")
    if count.get("LogGroupName") != "${ApiLog}" or count.get("FilterPattern") != API_ERRORS:
        yield f"ApiErrorCount does not count {API_ERRORS} in ApiLog"
    line = stack.get("ApiApiGatewayDefaultStage").get("AccessLogSettings", {}).get("Format", "")
    for name in re.findall(r"\$\.(\w+)", API_ERRORS):
        if f'"{name}":"$context.{name}"' not in line:
            yield f"the access log has no {name}"
    metric = {(one["MetricNamespace"], one["MetricName"]) for one in count.get("MetricTransformations", [])}
    if metric != {(alarm.get("Namespace"), alarm.get("MetricName"))} or "Dimensions" in alarm:
        yield "ApiErrors does not watch the metric of ApiErrorCount"


@rule
def code_deploy_may_move_the_aliases(stack: Stack, _: Repository) -> Iterator[str]:
    """The role of CodeDeploy names the alias of each function that is deployed gradually."""
    statements = stack.get("DeploymentRole").get("Policies", [{}])[0].get("PolicyDocument", {}).get("Statement", [])
    named = {resource for one in statements if one["Sid"] == "MoveAliases" for resource in as_list(one["Resource"])}
    wanted = {f"${{{name.removesuffix('DeploymentGroup')}.Arn}}:live"
              for name, _ in stack.of_type("AWS::CodeDeploy::DeploymentGroup")}
    for alias in sorted(wanted - named):
        yield f"CodeDeploy may not move {alias}"


@rule
def an_emulator_can_deploy_it(stack: Stack, _: Repository) -> Iterator[str]:
    """With an existing database and `GradualDeployment=false`, nothing is left that an emulator refuses."""
    if stack.parameters["GradualDeployment"] == "false" and stack.parameters["DatabaseUrl"]:
        for name, resource in stack.resources.items():
            if REFUSED.match(resource["Type"]):
                yield f"{name} exists without its database"
            if resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]:
                yield f"{name} exists on the emulator, which knows no alarms on several metrics"
