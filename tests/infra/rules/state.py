"""What stays when a stack or a resource is deleted, and log groups."""

from typing import Iterator

from dev.template_figures import pascal_case
from infra.repository import Repository
from infra.rule import rule
from infra.stack import Stack

# Types with state, and what happens to a resource that leaves the stack. Secrets can be made anew; the sweep
# replaces messages; log lines have no value without the functions.
STATE = {
    "AWS::S3::Bucket": "Retain", "AWS::S3::BucketPolicy": "Retain",
    "AWS::RDS::DBCluster": "Snapshot",
    "AWS::RDS::DBInstance": "Delete", "AWS::SQS::Queue": "Delete", "AWS::SecretsManager::Secret": "Delete",
    "AWS::Logs::LogGroup": "Delete",
}
# Exceptions. Without the keys, the TOTP secrets in a snapshot of the database are of no use. The bucket of
# the page has copies of files that a build makes.
EXCEPTIONS = {"FactorKeys": "Retain", "PageBucket": "Delete", "PageBucketPolicy": "Delete"}
# What is retained is empty if the deployment that creates it fails. It is removed then.
ON_DELETION = {"Retain": "RetainExceptOnCreate"}


@rule
def state_has_deletion_policies(stack: Stack, _: Repository) -> Iterator[str]:
    """Documents and rows survive the stack. For the rest the template says so."""
    for name, resource in stack.resources.items():
        replaced = EXCEPTIONS.get(name, STATE.get(resource["Type"]))
        policies = {"DeletionPolicy": ON_DELETION.get(replaced, replaced), "UpdateReplacePolicy": replaced}
        for policy, wanted in policies.items():
            if wanted and resource.get(policy) != wanted:
                yield f"the {policy} of {name} is not {wanted}"


@rule
def logs_end(stack: Stack, _: Repository) -> Iterator[str]:
    """Each function writes to a log group of its own. Lines are kept for LogDays."""
    for name, group in stack.of_type("AWS::Logs::LogGroup"):
        if group.get("RetentionInDays") != stack.parameters["LogDays"]:
            yield f"{name} does not keep lines for LogDays"
    for function, properties in stack.functions().items():
        if properties.get("LoggingConfig", {}).get("LogGroup") != f"${{{pascal_case(function)}Log}}":
            yield f"{function} does not write to {pascal_case(function)}Log"
