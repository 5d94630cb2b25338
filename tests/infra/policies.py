"""Prints the policies of the template, and the findings of linters that it expects, as JSON.

Symbols become examples: the ARN of the queue is arn:aws:sqs:eu-central-1:123456789012:Queue.
"""

import json
import re
import sys
from typing import Any

from infra import stack

PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "eu-central-1", "AWS::AccountId": "123456789012",
          "AWS::StackName": "docuvault", "AWS::StackId": "stack"}
PLACE = "eu-central-1:123456789012"
# How the ARN of a resource looks, by its type.
ARNS = {
    "AWS::S3::Bucket": "arn:aws:s3:::{}", "AWS::SQS::Queue": f"arn:aws:sqs:{PLACE}:{{}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{PLACE}:log-group:{{}}:*",
    "AWS::Lambda::Function": f"arn:aws:lambda:{PLACE}:function:{{}}",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{PLACE}:secret:{{}}-abcdef",
    "AWS::RDS::DBCluster": f"arn:aws:secretsmanager:{PLACE}:secret:{{}}-abcdef", "AWS::RDS::DBProxy": "prx-{}",
    "AWS::CloudFront::Distribution": "{}",
}
SYMBOL = re.compile(r"\$\{([\w:]+)[\w.]*\}(?:\[\d+\])?")


def make_example(value: Any, built: stack.Stack) -> Any:
    """Replaces all symbols in a value."""
    def replace(found: re.Match) -> str:
        if found[1] in PSEUDO:
            return PSEUDO[found[1]]
        kind = built.resources[found[1]]["Type"]
        return ARNS[kind].format(found[1].lower() if kind == "AWS::S3::Bucket" else found[1])
    return json.loads(SYMBOL.sub(replace, json.dumps(value)))


def list_policies(built: stack.Stack) -> dict:
    """Returns the policies of roles, and those of resources, by the ids of their resources."""
    roles = {name: policy["PolicyDocument"] for name, role in built.of_type("AWS::IAM::Role")
             for policy in role.get("Policies", [])}
    roles |= {name: policy["PolicyDocument"] for name, policy in built.of_type("AWS::IAM::Policy")}
    resources = {name: policy["PolicyDocument"]
                 for name, policy in built.of_type("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy")}
    expected = {linter: settings["skip"] for linter, settings in built.source["Metadata"].items() if "skip" in settings}
    return make_example({"roles": roles, "resources": resources, "expected": expected}, built)


if __name__ == "__main__":
    json.dump(list_policies(stack.build(stack.read_template(), stack.CASES["own database"])), sys.stdout, indent=1)
