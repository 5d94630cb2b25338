"""Mutants of the rules about the bucket, the database and what stays."""

from infra.rules import bucket, database, state
from infra.tests.change import append, drop, put

STATEMENTS = "BucketPolicy/PolicyDocument/Statement"

MUTANTS = {
    bucket.buckets_are_private: {
        "public lists": put("Bucket/PublicAccessBlockConfiguration/BlockPublicAcls", False),
        "no block": drop("Bucket/PublicAccessBlockConfiguration"),
        "owners of objects": put("Bucket/OwnershipControls/Rules/0/ObjectOwnership", "ObjectWriter"),
        "no encryption": drop("Bucket/BucketEncryption"),
        "no TLS": drop(f"{STATEMENTS}/0"),
        "TLS for the bucket alone": put(f"{STATEMENTS}/0/Resource", [{"Fn::GetAtt": ["Bucket", "Arn"]}]),
        "a public page": drop("PageBucket/PublicAccessBlockConfiguration"),
        "a page without TLS": drop("PageBucketPolicy/PolicyDocument/Statement/0"),
    },
    bucket.documents_are_written_once: {
        "written again": drop(f"{STATEMENTS}/1"),
        "written again, by one key": put(f"{STATEMENTS}/1/Condition/Null", {"s3:if-match": "true"}),
        "the policy allows": append(STATEMENTS, {
            "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": {"Fn::Sub": "${Bucket.Arn}/*"}}),
    },
    bucket.deleted_documents_are_gone: {
        "versions": put("Bucket/VersioningConfiguration", {"Status": "Enabled"}),
        "locks": put("Bucket/ObjectLockEnabled", True),
        "parts of uploads": drop("Bucket/LifecycleConfiguration"),
        "documents expire": put("Bucket/LifecycleConfiguration/Rules/0/ExpirationInDays", 30),
    },
    bucket.every_new_object_is_announced: {
        "only put ones": put("Bucket/NotificationConfiguration/QueueConfigurations/0/Event", "s3:ObjectCreated:Put"),
        "none": drop("Bucket/NotificationConfiguration"),
        "before the queue admits it": drop("@Bucket/DependsOn"),
    },
    database.the_database_is_protected: {
        "no encryption": put("Cluster/StorageEncrypted", False),
        "a password": put("Cluster/MasterUserPassword", "geheim"),
        "deleted with the stack": drop("Cluster/DeletionProtection"),
        "backups of a day": drop("Cluster/BackupRetentionPeriod"),
        "public": put("FirstInstance/PubliclyAccessible", True),
        "no TLS": put("DatabaseParameters/Parameters", {"rds.force_ssl": "0"}),
    },
    database.the_version_is_the_named_one: {"AWS's default": drop("FirstInstance/AutoMinorVersionUpgrade")},
    database.targets_wait_for_the_first_instance_only: {
        "no instance yet": drop("@ProxyTargets/DependsOn"),
        "two instances at a time": drop("@SecondInstance/DependsOn"),
    },
    database.the_proxy_admits_tokens_over_tls: {
        "no TLS": drop("Proxy/RequireTLS"),
        "passwords": put("Proxy/Auth/1/IAMAuth", "DISABLED"),
        "a function without tokens": put("/Globals/Function/Environment/Variables/DATABASE_AUTH", "password"),
    },
    database.functions_are_where_the_database_is: {
        "outside": drop("/Globals/Function/VpcConfig"),
        "quota reaches the internet": put("QuotaFunction/VpcConfig", {
            "SecurityGroupIds": [{"Ref": "ProviderSecurityGroup"}]}),
        "quota reaches Have I Been Pwned": put("QuotaFunction/VpcConfig", {
            "SecurityGroupIds": [{"Ref": "BreachesSecurityGroup"}]}),
    },
    database.connections_suffice: {
        "more invocations": put("/Mappings/Concurrency/Documents/prod", 1500),
        "more invocations than the small database of dev": put("/Mappings/Concurrency/Documents/dev", 50),
        "fewer of them": put("ProxyTargets/ConnectionPoolConfigurationInfo/MaxConnectionsPercent", 50),
    },
    database.concurrency_is_reserved_from_the_table: {
        "a function has no limit": drop("QuotaFunction/ReservedConcurrentExecutions"),
        "another number": put("QuotaFunction/ReservedConcurrentExecutions", 500),
    },
    state.state_has_deletion_policies: {
        "a bucket of the page that nobody needs stays": put("@PageBucket/DeletionPolicy", "Retain"),
        "documents go": put("@Bucket/DeletionPolicy", "Delete"),
        "a failed first deployment leaves the bucket": put("@Bucket/DeletionPolicy", "Retain"),
        "documents go with a new name": drop("@Bucket/UpdateReplacePolicy"),
        "the bucket is left without its policy": drop("@BucketPolicy/DeletionPolicy"),
        "rows go": drop("@Cluster/DeletionPolicy"),
        "the keys of second factors go": put("@FactorKeys/DeletionPolicy", "Delete"),
        "nothing said of a queue": drop("@Queue/DeletionPolicy"),
    },
    state.logs_end: {
        "lines stay for ever": drop("QuotaLog/RetentionInDays"),
        "lines of the API stay": drop("ApiLog/RetentionInDays"),
        "a group that Lambda makes": drop("QuotaFunction/LoggingConfig"),
        "another function's group": put("QuotaFunction/LoggingConfig", {"LogGroup": {"Ref": "AuthLog"}}),
    },
}
