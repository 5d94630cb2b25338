"""Mutants of the rules about queues, the schedule and asynchronous invocations."""

from infra.rules import events, queues
from infra.tests.change import drop, put

SOURCE = "ClassifyFunction/Events/Queue/Properties"
SWEEP = "CleanupFunction/Events/Sweep/Properties"
EXPIRE = "MigrateFunction/Events/ExpireAuditLog/Properties"
SEND = "MailFunction/Events/Send/Properties"

MUTANTS = {
    queues.received_messages_stay_hidden_long_enough: {
        "too short": put("Queue/VisibilityTimeout", 90),
        "SQS's default": drop("DeadLetters/VisibilityTimeout"),
        "the function may take longer": put("ClassifyFunction/Timeout", 100),
        "the window is not counted": put(f"{SOURCE}/MaximumBatchingWindowInSeconds", 20),
    },
    queues.dead_letters_are_kept: {
        "given up too early": put("Queue/RedrivePolicy/maxReceiveCount", 3),
        "never given up": drop("Queue/RedrivePolicy"),
        "four days": drop("DeadLetters/MessageRetentionPeriod"),
        "messages vanish before they are dead letters": put("Queue/MessageRetentionPeriod", 345600),
        "messages vanish after SQS's default": drop("Queue/MessageRetentionPeriod"),
        "the queue keeps as long": put("Queue/MessageRetentionPeriod", 1209600),
    },
    queues.a_failed_message_fails_alone: {
        "the batch fails": drop(f"{SOURCE}/FunctionResponseTypes"),
        "larger batches": put(f"{SOURCE}/BatchSize", 100),
        "another alias": put("ClassifyFunction/AutoPublishAlias", "next"),
    },
    queues.queues_take_no_more_than_is_reserved: {
        "the dead letters take more": put("ClassifyFunction/Events/DeadLetters/Properties/ScalingConfig", {
            "MaximumConcurrency": 5}),
        "no limit": drop(f"{SOURCE}/ScalingConfig"),
        "less than Lambda accepts": put(f"{SOURCE}/ScalingConfig", {"MaximumConcurrency": 1}),
        "less is reserved": put("/Mappings/Concurrency/Classify/prod", 5),
    },
    queues.both_queues_reach_classify: {"dead letters wait": drop("ClassifyFunction/Events/DeadLetters")},
    queues.queues_are_encrypted_and_need_tls: {
        "no encryption": drop("Queue/SqsManagedSseEnabled"),
        "a key of AWS, to which S3 cannot send": put("Queue/KmsMasterKeyId", "alias/aws/sqs"),
        "no TLS": drop("QueuePolicy/PolicyDocument/Statement/1"),
        "no TLS for dead letters": drop("@DeadLettersPolicy"),
    },
    events.the_schedule_only_has_migrate_delete_old_entries: {
        "no command": drop(f"{EXPIRE}/Input"),
        "another command": put(f"{EXPIRE}/Input", '{"migrate": {"down": 0}}'),
    },
    events.scheduled_functions_run_at_their_intervals: {
        "twice as often": put(f"{SWEEP}/ScheduleExpression", "rate(15 minutes)"),
        "never": drop("CleanupFunction/Events/Sweep"),
        "switched off": put(f"{SWEEP}/State", "DISABLED"),
        "old entries stay": drop("MigrateFunction/Events/ExpireAuditLog"),
        "old entries go seldom": put(f"{EXPIRE}/ScheduleExpression", "rate(30 days)"),
        "mails wait longer": put(f"{SEND}/ScheduleExpression", "rate(5 minutes)"),
        "no mails": drop("MailFunction/Events/Send"),
    },
    events.a_run_of_mail_is_not_repeated: {
        "by the schedule": put(f"{SEND}/RetryPolicy/MaximumRetryAttempts", 2),
        "by Lambda": drop("MailFunction/EventInvokeConfig"),
    },
    events.failed_sweeps_are_kept: {
        "no dead letters of the schedule": drop(f"{SWEEP}/DeadLetterConfig"),
        "no other try of the schedule": drop(f"{SWEEP}/RetryPolicy"),
        "no destination": drop("CleanupFunction/EventInvokeConfig/DestinationConfig"),
        "no other try": put("CleanupFunction/EventInvokeConfig/MaximumRetryAttempts", 0),
    },
    events.a_migration_without_an_answer_is_repeated_once: {
        "Lambda's default": drop("MigrateFunction/EventInvokeConfig"),
        "an hour until it fails": drop("Migration/ServiceTimeout"),
        "it fails before migrate ends": put("Migration/ServiceTimeout", 120),
    },
}
