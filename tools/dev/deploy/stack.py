"""The deployed stack, as AWS's own APIs show it."""

import json
from functools import cached_property
from typing import Any

from dev.deploy.emulator import Emulator

NAME = "docuvault-dev"


class Stack:
    """The stack and its resources."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    @cached_property
    def template(self) -> dict:
        """The template after SAM's transformation."""
        found = self.emulator.client("cloudformation").get_template(StackName=NAME, TemplateStage="Processed")
        body = found["TemplateBody"]
        return json.loads(body) if isinstance(body, str) else body

    @cached_property
    def ids(self) -> dict[str, str]:
        """The physical ids of the resources, by their names in the template."""
        found = self.emulator.client("cloudformation").describe_stack_resources(StackName=NAME)["StackResources"]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}

    @cached_property
    def functions(self) -> dict[str, str]:
        """The names of the functions in the template, by those in the workspace."""
        return {resource["Metadata"]["BuildProperties"]["Binary"]: name
                for name, resource in self.template["Resources"].items() if resource["Type"] == "AWS::Lambda::Function"}

    def describe(self) -> dict:
        """Returns the stack's status, parameters and outputs."""
        return self.emulator.client("cloudformation").describe_stacks(StackName=NAME)["Stacks"][0]

    def exists(self) -> bool:
        """Returns whether the stack exists."""
        return NAME in [stack["StackName"] for stack in self.emulator.client("cloudformation").describe_stacks()["Stacks"]]

    def failures(self) -> list[str]:
        """Returns why resources could not be created or updated, the newest reason first."""
        events = self.emulator.client("cloudformation").describe_stack_events(StackName=NAME)["StackEvents"]
        return [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in events
                if event["ResourceStatus"].endswith("_FAILED")]

    @property
    def api(self) -> str:
        """The address of the API in the emulator. Its name on AWS has no address here."""
        return f"{self.emulator.url}/_aws/execute-api/{self.ids['Api']}/$default"

    @property
    def bucket(self) -> str:
        """The name of the bucket."""
        return self.ids["Bucket"]

    def role(self, function: str) -> str:
        """Returns the name of a function's role."""
        return self.ids[self.template["Resources"][self.functions[function]]["Properties"]["Role"]["Fn::GetAtt"][0]]

    def versions(self) -> dict[str, str]:
        """Returns, for each function, the version to which its alias leads."""
        client = self.emulator.client("lambda")
        return {function: client.get_alias(FunctionName=self.ids[name], Name="live")["FunctionVersion"]
                for function, name in self.functions.items()}

    def invoke(self, function: str, event: object) -> "tuple[Any, str]":
        """Invokes a function as an operator does. Returns its answer, and the version that has given it."""
        answer = self.emulator.client("lambda").invoke(
            FunctionName=self.ids[self.functions[function]], Qualifier="live", Payload=json.dumps(event).encode())
        return json.loads(answer["Payload"].read()), answer["ExecutedVersion"]

    def objects(self) -> list[str]:
        """Returns the keys of all objects in the bucket."""
        found = self.emulator.client("s3").list_objects_v2(Bucket=self.bucket)
        return [stored["Key"] for stored in found.get("Contents", [])]

    def bucket_statements(self) -> list[dict]:
        """Returns the statements of the bucket's policy."""
        return json.loads(self.emulator.client("s3").get_bucket_policy(Bucket=self.bucket)["Policy"])["Statement"]

    def lines(self, function: str) -> list[str]:
        """Returns the lines that a function has written to its log group."""
        group = self.ids[self.template["Resources"][self.functions[function]]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]]
        events = self.emulator.client("logs").filter_log_events(logGroupName=group)["events"]
        return [event["message"] for event in events]
