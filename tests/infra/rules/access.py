"""Roles and policies in general: wildcards, managed policies, and who may use what."""

import re
from typing import Iterator

from infra.repository import Repository
from infra.rule import rule
from infra.rules.rights import as_list
from infra.stack import Stack

# Actions whose resource is `*`, with the reason.
EVERYWHERE = {
    "xray:PutTraceSegments": "X-Ray knows no resources",
    "xray:PutTelemetryRecords": "X-Ray knows no resources",
    "ec2:CreateNetworkInterface": "Lambda makes interfaces, which do not exist before",
    "ec2:DescribeNetworkInterfaces": "EC2 knows no resources for it",
    "ec2:DescribeSubnets": "EC2 knows no resources for it",
    "ec2:DeleteNetworkInterface": "Lambda makes the interfaces",
    "ec2:AssignPrivateIpAddresses": "Lambda makes the interfaces",
    "ec2:UnassignPrivateIpAddresses": "Lambda makes the interfaces",
    "bedrock:InvokeModel": "each owner may be assigned another model (docs/STORES.md)",
    "bedrock:CallWithBearerToken": "Bedrock knows no resources for it",
}
# Wildcards inside a resource: objects of the buckets, alarms of the account, answers to CloudFormation.
WITHIN = re.compile(r"^\$\{(Page)?Bucket\.Arn\}/\*$|:alarm:\*$|:::cloudformation-custom-resource-response-[^*]*/\*$")
# The condition that admits requests by this account only.
OWN_ACCOUNT = {"StringEquals": {"aws:PrincipalAccount": "${AWS::AccountId}"}}
# The condition for notifications of the bucket.
OWN_BUCKET = {"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"},
              "ArnEquals": {"aws:SourceArn": "arn:${AWS::Partition}:s3:::docuvault-${AWS::StackId}[2]"}}
# The condition for requests by the distribution of the page.
OWN_PAGE = {"ArnEquals": {"aws:SourceArn": "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Page}"}}
# Services that a resource admits, each with the condition that pins it.
ADMITTED = {"s3.amazonaws.com": OWN_BUCKET, "cloudfront.amazonaws.com": OWN_PAGE}
OWN_SCHEDULES = {"StringEquals": {
    "aws:SourceAccount": "${AWS::AccountId}",
    "aws:SourceArn": "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default"}}
# Services that may take a role, and the condition that pins them where they support one.
SERVICES = {
    "lambda.amazonaws.com": None, "rds.amazonaws.com": None, "codedeploy.amazonaws.com": None,
    "scheduler.amazonaws.com": OWN_SCHEDULES,
}
# The source of an invocation: a route of the API.
ROUTE = re.compile(r"arn:\$\{AWS::Partition\}:execute-api:\$\{AWS::Region\}:\$\{AWS::AccountId\}:\$\{Api\}/\*/[A-Z]+/api/.+")


def list_statements(stack: Stack) -> Iterator[tuple[str, dict]]:
    """Lists all statements of all policies that allow something, with the resource that has them."""
    for name, resource in stack.resources.items():
        properties = resource.get("Properties", {})
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", []) if isinstance(policy, dict)]
        documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
        for document in documents:
            yield from ((name, statement) for statement in as_list(document["Statement"]) if statement["Effect"] == "Allow")


@rule
def wildcards_are_the_named_ones(stack: Stack, _: Repository) -> Iterator[str]:
    """An allowed action is named in full, and its resource, too."""
    for name, statement in list_statements(stack):
        if "NotAction" in statement or "NotResource" in statement:
            yield f"{name} allows all but something"
        for action in as_list(statement.get("Action", [])):
            if "*" in action:
                yield f"{name} allows {action}"
            for resource in as_list(statement.get("Resource", [])):
                named = action in EVERYWHERE if resource == "*" else "*" not in resource or WITHIN.search(resource)
                if not named:
                    yield f"{name} allows {action} on {resource}"


@rule
def no_policy_is_managed_by_aws(stack: Stack, _: Repository) -> Iterator[str]:
    """AWS's managed policies are for all resources, and AWS changes them."""
    for name, role in stack.of_type("AWS::IAM::Role"):
        if role.get("ManagedPolicyArns"):
            yield f"{name} has managed policies"


@rule
def roles_are_taken_by_their_service_only(stack: Stack, _: Repository) -> Iterator[str]:
    """Each role trusts one service. The scheduler is pinned to this account and its group of schedules."""
    for name, role in stack.of_type("AWS::IAM::Role"):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            principal = statement["Principal"]
            service = principal.get("Service") if isinstance(principal, dict) else principal
            service = service[0] if isinstance(service, list) and len(service) == 1 else service
            if not isinstance(service, str) or service not in SERVICES:
                yield f"{name} can be taken by {principal}"
            elif statement.get("Condition") != SERVICES[service]:
                yield f"{name} can be taken by {service} for others"


@rule
def invocations_are_pinned(stack: Stack, _: Repository) -> Iterator[str]:
    """A permission to invoke a function names the route, and so the API, for which it is."""
    for name, permission in stack.of_type("AWS::Lambda::Permission"):
        source = str(permission.get("SourceArn"))
        if permission.get("Principal") != "apigateway.amazonaws.com" or not ROUTE.fullmatch(source):
            yield f"{name} is not for a route of the API: {source}"
        if "Aliaslive" not in str(permission.get("FunctionName")):
            yield f"{name} is not for the alias"


@rule
def resource_policies_are_pinned(stack: Stack, _: Repository) -> Iterator[str]:
    """Queues and endpoints admit this account only, and a service only on behalf of a resource of it."""
    for name, statement in list_statements(stack):
        principal, condition = statement.get("Principal"), statement.get("Condition")
        answers = "cloudformation-custom-resource-response" in str(statement.get("Resource"))
        if principal == "*" and condition != OWN_ACCOUNT and not answers:
            yield f"{name} admits other accounts"
        if isinstance(principal, dict) and condition != ADMITTED.get(principal.get("Service"), "none"):
            yield f"{name} admits others than the bucket and the page's distribution"


# Services whose endpoints can have no policy: SES lets a login decide who sends what.
WITHOUT_POLICY = ".email-smtp"


@rule
def endpoints_have_policies(stack: Stack, _: Repository) -> Iterator[str]:
    """Without a policy an endpoint of the network leads to everything that the service has."""
    for name, endpoint in stack.of_type("AWS::EC2::VPCEndpoint"):
        if "PolicyDocument" not in endpoint and not endpoint["ServiceName"].endswith(WITHOUT_POLICY):
            yield f"{name} has no policy"
