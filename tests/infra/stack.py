"""The template after SAM's transformation, for given parameters."""

import copy
import logging
import os
from typing import Any, Iterator, NamedTuple
from unittest import mock

from samtranslator.open_api import open_api
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from infra import intrinsics
from infra.repository import ROOT

TEMPLATE = ROOT / "infra" / "template.yaml"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key"
DATABASE = "@db.example:5432/docuvault"

# The parameters with which the rules are checked. Together they take both ways of every condition.
CASES = {
    "own database": {
        "Stage": "prod", "WebOrigin": "https://vault.example", "GradualDeployment": "true",
        "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/key",
        "BedrockEndpoint": "true", "AiModel": "m",
        "MailFrom": "vault@vault.example", "MailEndpoint": "true", "SmtpUser": "vault", "SmtpPasswordArn": SECRET,
        "OpenAiKeyArn": SECRET, "AnthropicKeyArn": SECRET, "BedrockKeyArn": SECRET,
        "OpenAiUrl": "https://models.example/v1", "OllamaUrl": "https://ollama.example",
        "AlarmTopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms"},
    "existing database": {
        "Stage": "staging", "WebOrigin": "https://vault.example", "GradualDeployment": "true",
        "OtherWebOrigin": "https://other.example",
        "MailFrom": "vault@vault.example", "SmtpHost": "mail.example", "SmtpPort": "465",
        "DatabaseUrl": f"postgres://docuvault_app{DATABASE}",
        "DatabaseMigrateUrl": f"postgres://docuvault_migrate{DATABASE}", "DatabaseResourceId": "prx-ABC",
        "SubnetIds": "subnet-1,subnet-2", "SecurityGroupId": "sg-1"},
    "emulator": {
        "Stage": "dev", "WebOrigin": "http://localhost:5173", "DatabaseAuth": "password",
        "MailFrom": "vault@vault.example",
        "DatabaseUrl": f"postgres://docuvault_app{DATABASE}",
        "DatabaseMigrateUrl": f"postgres://docuvault_migrate{DATABASE}", "DatabaseTls": "disable",
        "GradualDeployment": "false", "ReservedConcurrency": "false", "Tracing": "Active",
        "Endpoint": "https://localhost:4566"},
}


class Stack(NamedTuple):
    """A stack as CloudFormation would make it."""

    # The template as it is written.
    source: dict
    # The template after SAM's transformation, with CloudFormation's functions in it.
    transformed: dict
    parameters: dict
    # The resources that exist, by logical id. All functions are computed.
    resources: dict

    def of_type(self, *kinds: str) -> Iterator[tuple[str, dict]]:
        """Lists the ids and properties of the resources of some types."""
        for name, resource in self.resources.items():
            if resource["Type"] in kinds:
                yield name, resource.get("Properties", {})

    def functions(self) -> dict[str, dict]:
        """Returns the properties of the functions, by their names in the workspace."""
        return {binary(self.resources[name]): properties for name, properties in self.of_type("AWS::Lambda::Function")}

    def variables(self, function: str) -> dict:
        """Returns the environment of a function."""
        return self.functions()[function].get("Environment", {}).get("Variables", {})

    def get(self, name: str) -> dict:
        """Returns the properties of a resource. A resource that does not exist has none."""
        return self.resources.get(name, {}).get("Properties", {})


def binary(resource: dict) -> str:
    """Returns the name of the program of a function."""
    return resource.get("Metadata", {}).get("BuildProperties", {}).get("Binary", "")


def read_template() -> dict:
    """Reads the template as it is written."""
    return yaml_parse(TEMPLATE.read_text())


def build(source: dict, given: dict) -> Stack:
    """Transforms the template as CloudFormation does, and computes all functions in it."""
    template = copy.deepcopy(source)
    template["Globals"]["Function"]["CodeUri"] = "s3://code/function.zip"
    parameters = {name: parameter.get("Default", "") for name, parameter in template["Parameters"].items()} | given
    transformed = transform(template, parameters)
    scope = intrinsics.Scope(parameters, transformed.get("Conditions", {}), transformed.get("Mappings", {}))
    existing = {name: intrinsics.resolve(resource, scope) for name, resource in transformed["Resources"].items()
                if "Condition" not in resource or intrinsics.holds(resource["Condition"], scope)}
    return Stack(source, transformed, parameters, existing)


def transform(template: dict, parameters: dict) -> Any:
    """Runs SAM's own transformation. It needs the name of a region, and contacts nobody.

    SAM copies the document of the API several times for each route, and puts the copy back in its place.
    Nine tenths of its time go there, so the document is not copied here. test_stack.py shows that nothing
    else changes.
    """
    with mock.patch.object(open_api, "_deepcopy", lambda document: document):
        return transform_with_copies(template, parameters)


def transform_with_copies(template: dict, parameters: dict) -> Any:
    """Runs SAM's own transformation as it is."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    logging.disable(logging.WARNING)
    return Translator({}, Parser()).translate(template, dict(parameters))
