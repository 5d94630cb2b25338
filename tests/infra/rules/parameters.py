"""The template as a whole: its parameters, its size, and samconfig.toml."""

import json
import re
import tomllib
from typing import Iterator

from infra import intrinsics
from infra.repository import ROOT, STAGES, Repository
from infra.rule import rule
from infra.stack import CASES, DATABASE, Stack

# CloudFormation's limit for a template in a bucket, in bytes. With more resources than this a stack should be
# divided; CloudFormation accepts 500.
MOST_BYTES, MOST_RESOURCES = 1_000_000, 300
CONSTRAINTS = {"AllowedValues", "AllowedPattern", "MinValue", "MaxLength"}
# Parameters that differ from those of a case, and with which a stack would not work.
WRONG = (
    ("existing database", {"DatabaseMigrateUrl": ""}),
    ("existing database", {"DatabaseResourceId": ""}),
    ("existing database", {"DatabaseResourceId": "cluster-ABC"}),
    ("existing database", {"DatabaseAuth": "password"}),
    ("existing database", {"DatabaseUrl": f"postgres://docuvault_app{DATABASE}?sslmode=verify-full"}),
    ("existing database", {"DatabaseMigrateUrl": f"postgres://docuvault_migrate{DATABASE}?sslmode=disable"}),
    ("existing database", {"DatabaseTls": "disable"}),
    ("existing database", {"DatabaseTls": "verify-full"}),
    ("existing database", {"SubnetIds": ""}),
    ("existing database", {"SecurityGroupId": ""}),
    ("existing database", {"Endpoint": "https://emulator.example"}),
    ("own database", {"CertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/key"}),
    ("own database", {"FirstZone": "eu-central-1a"}),
    ("own database", {"SecondZone": "eu-central-1b"}),
    ("own database", {"FirstZone": "eu-central-1a", "SecondZone": "eu-central-1a"}),
    ("own database", {"FirstZone": "euc1-az1", "SecondZone": "euc1-az2"}),
    ("own database", {"SubnetIds": "subnet-1", "SecurityGroupId": "sg-1"}),
    ("own database", {"DatabaseMigrateUrl": f"postgres://docuvault_migrate{DATABASE}"}),
    ("own database", {"DatabaseAuth": "password", "Stage": "dev"}),
)


@rule
def parameters_are_constrained(stack: Stack, _: Repository) -> Iterator[str]:
    """Each parameter has a description, and says which values it takes."""
    for name, parameter in stack.source["Parameters"].items():
        if not CONSTRAINTS & parameter.keys():
            yield f"{name} takes any value"
        if not parameter.get("Description"):
            yield f"{name} has no description"


@rule
def parameters_that_cannot_work_are_refused(stack: Stack, _: Repository) -> Iterator[str]:
    """CloudFormation refuses them by the patterns and Rules of the template, before it creates anything."""
    for name, case in CASES.items():
        if not is_accepted(stack.source, case):
            yield f"the parameters of the case {name} are refused"
    for name, changes in WRONG:
        if is_accepted(stack.source, {**CASES[name], **changes}):
            yield f"the case {name} accepts {changes}"


def is_accepted(source: dict, given: dict) -> bool:
    """Returns whether CloudFormation accepts parameters."""
    values = {name: str(given.get(name, parameter.get("Default", ""))) for name, parameter in source["Parameters"].items()}
    for name, parameter in source["Parameters"].items():
        allowed = map(str, parameter.get("AllowedValues", [values[name]]))
        if values[name] not in allowed or not re.search(parameter.get("AllowedPattern", ""), values[name]):
            return False
    scope = intrinsics.Scope(values, {}, {})
    return all(intrinsics.holds(assertion["Assert"], scope)
               for one in source["Rules"].values() if intrinsics.holds(one["RuleCondition"], scope)
               for assertion in one["Assertions"])


@rule
def parameters_are_documented(stack: Stack, repository: Repository) -> Iterator[str]:
    """docs/DEPLOY.md lists exactly the parameters of the template."""
    for name in sorted(stack.source["Parameters"].keys() ^ repository.documented_parameters):
        owner = "the template" if name in stack.source["Parameters"] else "docs/DEPLOY.md"
        yield f"only {owner} has {name}"


@rule
def the_template_is_small_enough(stack: Stack, _: Repository) -> Iterator[str]:
    """SAM CLI uploads the template to a bucket, where it may have 1 MB."""
    size = len(json.dumps(stack.source, indent=2))
    if size > MOST_BYTES:
        yield f"the template has {size} bytes, and may have {MOST_BYTES}"
    if len(stack.resources) >= MOST_RESOURCES:
        yield f"the stack has {len(stack.resources)} resources, and should have less than {MOST_RESOURCES}"


@rule
def settings_of_sam_fit(stack: Stack, repository: Repository) -> Iterator[str]:
    """samconfig.toml has a section for each stage, and sets only parameters that exist."""
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())
    if settings["default"]["build"]["parameters"]["template_file"] != "infra/template.yaml":
        yield "sam build does not build infra/template.yaml"
    for stage in STAGES:
        given = repository.overrides[stage]
        if given.get("Stage") != stage or stage not in stack.source["Parameters"]["Stage"]["AllowedValues"]:
            yield f"samconfig.toml has no stage {stage}"
        if stage != "dev" and given.get("GradualDeployment") != "true":
            yield f"samconfig.toml deploys {stage} all at once, without watching alarms"
        for name in sorted(given.keys() - stack.source["Parameters"].keys()):
            yield f"samconfig.toml sets {name}, which is no parameter"
        for name, parameter in stack.source["Parameters"].items():
            if "Default" not in parameter and name not in given:
                yield f"samconfig.toml does not set {name} for {stage}"
