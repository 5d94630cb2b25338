"""The bucket that holds the documents."""

from typing import Iterator

from infra.repository import Repository
from infra.rule import rule
from infra.stack import Stack

PRIVATE = {"BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}
TLS_ONLY = {
    "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["${Bucket.Arn}", "${Bucket.Arn}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
WRITE_ONCE = {
    "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "${Bucket.Arn}/*",
    "Condition": {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}}


@rule
def the_bucket_is_private(stack: Stack, _: Repository) -> Iterator[str]:
    """No public access, no access lists, encryption."""
    bucket = stack.get("Bucket")
    if bucket.get("PublicAccessBlockConfiguration") != PRIVATE:
        yield "public access is not blocked"
    if bucket.get("OwnershipControls") != {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}:
        yield "access lists are in use"
    encryption = bucket.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [{}])
    if encryption[0].get("ServerSideEncryptionByDefault", {}).get("SSEAlgorithm") != "AES256":
        yield "objects are not encrypted by SSE-S3"


@rule
def objects_are_written_once_and_by_tls(stack: Stack, _: Repository) -> Iterator[str]:
    """The policy denies requests without TLS, and objects without `If-None-Match`."""
    statements = stack.get("BucketPolicy").get("PolicyDocument", {}).get("Statement", [])
    plain = [{key: value for key, value in statement.items() if key != "Sid"} for statement in statements]
    if TLS_ONLY not in plain:
        yield "requests without TLS are not denied"
    if WRITE_ONCE not in plain:
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
