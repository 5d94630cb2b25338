"""What the functions may do: functions/<name>/policy.json, and what the platform needs."""

from typing import Iterator

from dev.template_figures import pascal_case
from infra.repository import Repository
from infra.rule import rule
from infra.stack import SECRET, Stack

LOGIN = "arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:"
NETWORK = ("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
           "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses")
OF_TEMPLATE = {"arn:aws:s3:::${Bucket}": "${Bucket.Arn}", "arn:aws:s3:::${Bucket}/*": "${Bucket.Arn}/*",
               "${Queue}": "${Queue.Arn}", "${DeadLetters}": "${DeadLetters.Arn}"}

Right = tuple[str, str, str]


def as_list(value: object) -> list:
    """Returns a list for a value that may stand alone."""
    return value if isinstance(value, list) else [value]


def list_rights(statements: list) -> set[Right]:
    """Lists each action on each resource, with the statement's condition."""
    return {(action, resource, str(statement.get("Condition", "")))
            for statement in statements if statement["Effect"] == "Allow"
            for action in as_list(statement["Action"]) for resource in as_list(statement["Resource"])}


def find_statements(stack: Stack, role: str) -> list:
    """Returns the statements of a role: its own, and those of policies that name it."""
    policies = list(stack.get(role).get("Policies", []))
    policies += [policy for _, policy in stack.of_type("AWS::IAM::Policy") if f"${{{role}}}" in policy["Roles"]]
    return [statement for policy in policies for statement in as_list(policy["PolicyDocument"]["Statement"])]


def list_platform_rights(stack: Stack, function: str, reads: set[str]) -> Iterator[Right]:
    """Lists the rights of a function that are not in its policy.json. There are no others."""
    yield from ((action, f"${{{pascal_case(function)}Log.Arn}}", "") for action in ("logs:CreateLogStream", "logs:PutLogEvents"))
    if stack.parameters["Tracing"] == "Active":
        yield from ((action, "*", "") for action in ("xray:PutTraceSegments", "xray:PutTelemetryRecords"))
    if stack.get(f"{pascal_case(function)}Function").get("VpcConfig", {}).get("SubnetIds"):
        # Lambda's own requests, and none by code in the function.
        yield from ((action, "*", str({"Null": {"lambda:SourceFunctionArn": "true"}})) for action in NETWORK)
    if stack.parameters["DatabaseAuth"] == "iam":
        database = stack.parameters["DatabaseResourceId"] or "${Proxy.DBProxyArn}[6]"
        role = "docuvault_migrate" if function == "migrate" else "docuvault_app"
        yield "rds-db:connect", f"{LOGIN}{database}/{role}", ""
    if "JWT_SECRET" in reads:
        yield "secretsmanager:GetSecretValue", "${JwtSecret.Id}", ""
    if "FACTOR_KEYS" in reads:
        yield "secretsmanager:GetSecretValue", "${FactorKeys.Id}", ""
    if function == "migrate" and "DatabaseAppPassword" in stack.resources:
        yield "secretsmanager:GetSecretValue", "${DatabaseAppPassword.Id}", ""
    if function in ("classify", "mail") and SECRET in stack.variables(function).values():
        yield "secretsmanager:GetSecretValue", SECRET, ""
    if function == "cleanup":
        yield "sqs:SendMessage", "${SweepDeadLetters.Arn}", ""


@rule
def functions_have_the_rights_in_their_policies(stack: Stack, repository: Repository) -> Iterator[str]:
    """A role has the statements of policy.json, those that the platform needs, and no others."""
    for function in sorted(repository.functions & set(stack.functions())):
        own = {(action, OF_TEMPLATE.get(resource, resource), condition)
               for action, resource, condition in list_rights(repository.policy(function))}
        needed = own | set(list_platform_rights(stack, function, repository.variables[function].all))
        has = list_rights(find_statements(stack, f"{pascal_case(function)}Role"))
        for action, resource, condition in sorted(needed ^ has):
            verb = "may not" if (action, resource, condition) in needed else "may"
            yield f"{function} {verb} {action} on {resource} {condition}".rstrip()


@rule
def functions_have_roles_of_their_own(stack: Stack, _: Repository) -> Iterator[str]:
    """Without a role SAM makes one, with managed policies for all resources."""
    for function, properties in stack.functions().items():
        if properties.get("Role") != f"${{{pascal_case(function)}Role.Arn}}":
            yield f"{function} does not have the role {pascal_case(function)}Role"
