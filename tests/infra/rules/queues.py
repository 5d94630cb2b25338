"""Queues: what SQS and Lambda need to agree on, and which no linter compares."""

from typing import Iterator

from infra.repository import Repository
from infra.rule import rule
from infra.stack import Stack, binary

# The longest time for which SQS keeps a message: 14 days, in seconds.
LONGEST = 14 * 24 * 3600
# SQS's default: 4 days.
DEFAULT_RETENTION = 4 * 24 * 3600


def name_of(symbol: str) -> str:
    """Returns the id of a resource in a symbol such as `${Queue.Arn}`."""
    return symbol.strip("${}").partition(".")[0]


def list_sources(stack: Stack) -> Iterator[tuple[str, dict, dict, str]]:
    """Lists each event source: its id, its properties, its queue and the id of its function."""
    for name, source in stack.of_type("AWS::Lambda::EventSourceMapping"):
        function = name_of(source["FunctionName"]).removesuffix("Aliaslive")
        yield name, source, stack.get(name_of(source["EventSourceArn"])), function


@rule
def received_messages_stay_hidden_long_enough(stack: Stack, repository: Repository) -> Iterator[str]:
    """AWS recommends six times the function's time-out and the batching window."""
    for name, source, queue, function in list_sources(stack):
        hidden = queue.get("VisibilityTimeout", 30)
        needed = 6 * stack.get(function).get("Timeout", 3) + source.get("MaximumBatchingWindowInSeconds", 0)
        if hidden < needed:
            yield f"the queue of {name} hides messages for {hidden} s, and {needed} s are needed"
        if hidden != repository.limits["VISIBILITY_TIMEOUT"]:
            yield f"the queue of {name} does not hide messages for VISIBILITY_TIMEOUT"


@rule
def dead_letters_are_kept(stack: Stack, repository: Repository) -> Iterator[str]:
    """A message becomes a dead letter after MAX_RECEIVES receipts, and is then kept for 14 days."""
    redrive = stack.get("Queue").get("RedrivePolicy", {})
    if redrive.get("maxReceiveCount") != repository.limits["MAX_RECEIVES"] or redrive["maxReceiveCount"] < 5:
        yield "the queue does not give a message up after MAX_RECEIVES receipts"
    if name_of(redrive.get("deadLetterTargetArn", "")) != "DeadLetters":
        yield "the queue has no dead letters"
    for name in ("DeadLetters", "SweepDeadLetters"):
        kept = stack.get(name).get("MessageRetentionPeriod", 0)
        if kept != LONGEST:
            yield f"{name} keeps messages for {kept} s, and not for 14 days"
    kept, limits = stack.get("Queue").get("MessageRetentionPeriod", DEFAULT_RETENTION), repository.limits
    if kept >= LONGEST:
        yield "a dead letter keeps its age: the queue must give messages up earlier than DeadLetters"
    if kept <= (needed := limits["MAX_RECEIVES"] * limits["MAX_PROVIDER_PAUSE"]):
        yield f"the queue drops messages after {kept} s: {needed} s can pass until they are dead letters"


@rule
def a_failed_message_fails_alone(stack: Stack, repository: Repository) -> Iterator[str]:
    """An invocation reports the messages that failed. Others of its batch are done."""
    for name, source, _, function in list_sources(stack):
        if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name} does not take reports of single failures"
        if source.get("BatchSize") != repository.limits["QUEUE_BATCH"]:
            yield f"{name} does not take QUEUE_BATCH messages at a time"
        if not source["FunctionName"].endswith("Aliaslive}") or binary(stack.resources[function]) != "classify":
            yield f"{name} does not invoke the alias of classify"


@rule
def queues_take_no_more_than_is_reserved(stack: Stack, _: Repository) -> Iterator[str]:
    """If more invocations start than are reserved, messages are throttled and become dead letters."""
    wanted = {}
    for name, source, _, function in list_sources(stack):
        most = source.get("ScalingConfig", {}).get("MaximumConcurrency", 1000)
        if not 2 <= most <= 1000:
            yield f"{name} may take {most} invocations: Lambda accepts 2 to 1000"
        wanted[function] = wanted.get(function, 0) + most
    for function, most in wanted.items():
        reserved = stack.get(function).get("ReservedConcurrentExecutions", most)
        if most > reserved:
            yield f"the queues may take {most} invocations of {function}, and {reserved} are reserved"


@rule
def both_queues_reach_classify(stack: Stack, _: Repository) -> Iterator[str]:
    """Dead letters go to classify, too, for the last attempt."""
    reached = {name_of(source["EventSourceArn"]) for _, source, _, _ in list_sources(stack)}
    if reached != {"Queue", "DeadLetters"}:
        yield f"classify takes messages from {', '.join(sorted(reached)) or 'no queue'}"


@rule
def queues_are_encrypted_and_need_tls(stack: Stack, _: Repository) -> Iterator[str]:
    """S3 can send to a queue with SSE-SQS, but not to one under AWS's key for SQS."""
    for name, queue in stack.of_type("AWS::SQS::Queue"):
        if queue.get("SqsManagedSseEnabled") is not True or "KmsMasterKeyId" in queue:
            yield f"{name} is not encrypted by SSE-SQS"
        policies = [policy for _, policy in stack.of_type("AWS::SQS::QueuePolicy") if f"${{{name}}}" in policy["Queues"]]
        denied = {"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": f"${{{name}.Arn}}",
                  "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        if not any(denied in policy["PolicyDocument"]["Statement"] for policy in policies):
            yield f"{name} takes requests without TLS"
