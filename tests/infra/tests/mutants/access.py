"""Mutants of the rules about rights, roles and policies."""

from infra.rules import access, rights
from infra.tests.change import append, drop, find, put

CONFIRM = "ConfirmRole/Policies/0/PolicyDocument/Statement"
PLATFORM = "PlatformPolicy/PolicyDocument/Statement"
OPEN_DOOR = {"Type": "AWS::Lambda::Permission", "Properties": {
    "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com",
    "FunctionName": {"Ref": "AuthFunction.Alias"}}}


def append_login(template: dict) -> None:
    """Lets migrate log in as docuvault_app, too."""
    template["Resources"]["RowsPolicy"]["Properties"]["Roles"].append({"Ref": "MigrateRole"})


MUTANTS = {
    rights.functions_have_the_rights_in_their_policies: {
        "a right more": append(CONFIRM, {
            "Effect": "Allow", "Action": "s3:PutObject", "Resource": {"Fn::Sub": "${Bucket.Arn}/*"}}),
        "a right less": drop(f"{CONFIRM}/1"),
        "other objects": put(f"{CONFIRM}/1/Resource", {"Fn::Sub": "${Bucket.Arn}/public/*"}),
        "another queue": put(f"{CONFIRM}/4/Resource", {"Fn::GetAtt": ["DeadLetters", "Arn"]}),
        "all logs": put(f"{CONFIRM}/0/Resource", "*"),
        "a condition less": drop(f"{PLATFORM}/1/Fn::If/1/Condition"),
        "traces without X-Ray": lambda template: put(f"{PLATFORM}/0", find(template, f"{PLATFORM}/0/Fn::If")[0]["Fn::If"][1])(
            template),
        "health reads the secret": append("TokenPolicy/Roles", {"Ref": "HealthRole"}),
        "quota cannot read the secret": drop("TokenPolicy/Roles/5"),
        "migrate may be docuvault_app": append_login,
        "all may be docuvault_migrate": put("RowsPolicy/PolicyDocument/Statement/0/Resource", {"Fn::Sub": (
            "arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:*/docuvault_migrate")}),
        "upload-url may read": put("UploadUrlRole/Policies/0/PolicyDocument/Statement/1/Action", [
            "s3:PutObject", "s3:GetObject"]),
    },
    rights.functions_have_roles_of_their_own: {
        "SAM makes a role": drop("QuotaFunction/Role"),
        "two share one": put("QuotaFunction/Role", {"Fn::GetAtt": ["AuthRole", "Arn"]}),
    },
    access.wildcards_are_the_named_ones: {
        "all actions": put(f"{CONFIRM}/1/Action", "s3:*"),
        "all resources": put(f"{CONFIRM}/1/Resource", "*"),
        "all buckets": put(f"{CONFIRM}/1/Resource", {"Fn::Sub": "arn:${AWS::Partition}:s3:::docuvault-*"}),
        "all but one": put(f"{CONFIRM}/1", {"Effect": "Allow", "NotAction": "s3:PutObject", "Resource": "*"}),
    },
    access.no_policy_is_managed_by_aws: {
        "an explicit one": put("QuotaRole/ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
        "by SAM, for a function": drop("QuotaFunction/Role"),
        "by SAM, for CodeDeploy": drop("QuotaFunction/DeploymentPreference/Role"),
    },
    access.roles_are_taken_by_their_service_only: {
        "by everybody": put("QuotaRole/AssumeRolePolicyDocument/Statement/0/Principal", {"AWS": "*"}),
        "by another service": put("QuotaRole/AssumeRolePolicyDocument/Statement/0/Principal", {
            "Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}),
        "by schedules of others": drop("SweepRole/AssumeRolePolicyDocument/Statement/0/Condition"),
        "by schedules of all but one": put("SweepRole/AssumeRolePolicyDocument/Statement/0/Condition", {
            "StringNotEquals": {"aws:SourceArn": "schedule-group/default"}}),
    },
    access.invocations_are_pinned: {
        "by every API": put("@OpenDoor", OPEN_DOOR),
        "by any source": put("@OpenDoor", {**OPEN_DOOR, "Properties": {**OPEN_DOOR["Properties"], "SourceArn": "*"}}),
    },
    access.resource_policies_are_pinned: {
        "notifications of other accounts": drop(
            "QueuePolicy/PolicyDocument/Statement/0/Condition/StringEquals"),
        "notifications of other buckets": drop("QueuePolicy/PolicyDocument/Statement/0/Condition/ArnEquals"),
        "notifications of all buckets": put("QueuePolicy/PolicyDocument/Statement/0/Condition/ArnEquals/aws:SourceArn", "*"),
        "notifications of all but this account": put("QueuePolicy/PolicyDocument/Statement/0/Condition/StringEquals", {
            "aws:SourceAccount": "*"}),
        "all distributions read the page": drop("PageBucketPolicy/PolicyDocument/Statement/1/Condition"),
        "other distributions find its files": put(
            "PageBucketPolicy/PolicyDocument/Statement/2/Condition/ArnEquals/aws:SourceArn", "*"),
        "another service reads the page": put(
            "PageBucketPolicy/PolicyDocument/Statement/1/Principal/Service", "logs.amazonaws.com"),
        "an endpoint for all but this account": put("S3Endpoint/PolicyDocument/Statement/0/Condition", {
            "StringNotEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}),
        "an endpoint for callers without an account": put("S3Endpoint/PolicyDocument/Statement/0/Condition", {
            "StringEqualsIfExists": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}),
        "an endpoint for other accounts": drop("S3Endpoint/PolicyDocument/Statement/1/Condition"),
    },
    access.endpoints_have_policies: {"the default leads everywhere": drop("QueueEndpoint/PolicyDocument")},
}
