"""The buckets, above all the one that holds the documents."""

from typing import Iterator

from infra.repository import Repository
from infra.rule import rule
from infra.stack import Stack

PRIVATE = {"BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}
WRITE_ONCE = {
    "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "${Bucket.Arn}/*",
    "Condition": {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}}


def list_statements(stack: Stack, bucket: str) -> list[dict]:
    """Returns the statements of a bucket's policy, without their names."""
    statements = stack.get(f"{bucket}Policy").get("PolicyDocument", {}).get("Statement", [])
    return [{key: value for key, value in statement.items() if key != "Sid"} for statement in statements]


def deny_without_tls(bucket: str) -> dict:
    """Returns the statement that denies all requests to a bucket without TLS."""
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": [f"${{{bucket}.Arn}}", f"${{{bucket}.Arn}}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


@rule
def buckets_are_private(stack: Stack, _: Repository) -> Iterator[str]:
    """No public access, no access lists, encryption, and no requests without TLS."""
    for name, bucket in stack.of_type("AWS::S3::Bucket"):
        if bucket.get("PublicAccessBlockConfiguration") != PRIVATE:
            yield f"public access to {name} is not blocked"
        if bucket.get("OwnershipControls") != {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}:
            yield f"access lists of {name} are in use"
        encryption = bucket.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [{}])
        if encryption[0].get("ServerSideEncryptionByDefault", {}).get("SSEAlgorithm") != "AES256":
            yield f"objects in {name} are not encrypted by SSE-S3"
        if deny_without_tls(name) not in list_statements(stack, name):
            yield f"requests to {name} without TLS are not denied"


@rule
def documents_are_written_once(stack: Stack, _: Repository) -> Iterator[str]:
    """The policy denies objects without `If-None-Match`, and allows nothing."""
    statements = list_statements(stack, "Bucket")
    if WRITE_ONCE not in statements:
        yield "objects can be replaced"
    if any(statement["Effect"] == "Allow" for statement in statements):
        yield "the bucket's policy allows something, which roles do"


@rule
def deleted_documents_are_gone(stack: Stack, _: Repository) -> Iterator[str]:
    """Nothing keeps what was deleted: no versions, no locks, no copies, no parts of uploads."""
    bucket = stack.get("Bucket")
    for name in ("VersioningConfiguration", "ObjectLockEnabled", "ObjectLockConfiguration", "ReplicationConfiguration"):
        if name in bucket:
            yield f"the bucket has a {name}"
    rules = bucket.get("LifecycleConfiguration", {}).get("Rules", [])
    if not any(one["Status"] == "Enabled" and "AbortIncompleteMultipartUpload" in one for one in rules):
        yield "parts of uploads stay"
    if any("ExpirationInDays" in one or "Transitions" in one for one in rules):
        yield "documents expire or move"


@rule
def every_new_object_is_announced(stack: Stack, _: Repository) -> Iterator[str]:
    """The bucket tells the queue of each object, however it was stored."""
    announced = stack.get("Bucket").get("NotificationConfiguration", {}).get("QueueConfigurations")
    if announced != [{"Event": "s3:ObjectCreated:*", "Queue": "${Queue.Arn}"}]:
        yield "the bucket does not announce every new object to the queue"
    if stack.resources.get("Bucket", {}).get("DependsOn") != "QueuePolicy":
        yield "S3 tries the notification before the queue admits it"
