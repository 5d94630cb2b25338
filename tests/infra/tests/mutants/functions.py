"""Mutants of the rules about functions and their environment."""

from infra.rules import environment, functions
from infra.tests.change import drop, put

VARIABLES = "QuotaFunction/Environment/Variables"


def add_function(template: dict) -> None:
    """Adds a function that is not on disk."""
    ghost = {**template["Resources"]["QuotaFunction"], "Metadata": {
        "BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": "ghost"}}}
    ghost["Properties"] = {**ghost["Properties"], "Events": {}, "DeploymentPreference": {"Enabled": False}}
    template["Resources"]["GhostFunction"] = ghost


MUTANTS = {
    functions.functions_are_those_on_disk: {
        "a function is on no disk": add_function,
        "a function runs another program": put("@QuotaFunction/Metadata/BuildProperties/Binary", "topics"),
        "a function has another id": lambda template: (
            put("@CleanupFunction/Metadata/BuildProperties/Binary", "sweep")(template)),
    },
    functions.functions_have_events_and_tests: {"a function has neither": add_function},
    functions.programs_are_built_for_arm64_by_cargo_lambda: {
        "another processor": put("/Globals/Function/Architectures", ["x86_64"]),
        "another runtime": put("QuotaFunction/Runtime", "provided.al2"),
        "another way to build": put("@QuotaFunction/Metadata/BuildMethod", "makefile"),
    },
    functions.time_outs_are_the_limits: {
        "a function of the API": put("QuotaFunction/Timeout", 29),
        "all functions of the API": put("/Globals/Function/Timeout", 60),
        "the sweep": drop("CleanupFunction/Timeout"),
    },
    functions.passwords_are_hashed_with_enough_memory: {"auth has as much as others": drop("AuthFunction/MemorySize")},
    functions.functions_write_traces_and_json: {
        "no traces": drop("/Globals/Function/Tracing"),
        "traces in spite of the parameter": put("QuotaFunction/Tracing", "Active"),
        "text": put("QuotaFunction/LoggingConfig/LogFormat", "Text"),
    },
    functions.names_are_not_fixed: {
        "a function": put("QuotaFunction/FunctionName", "quota"),
        "a function, by stage": put("QuotaFunction/FunctionName", {"Fn::Sub": "docuvault-${Stage}-quota"}),
        "the bucket": put("Bucket/BucketName", "docuvault"),
        "a schedule, by SAM": drop("CleanupFunction/Events/Sweep/Properties/OmitName"),
    },
    functions.every_change_publishes_a_version: {
        "settings change alone": drop("QuotaFunction/AutoPublishAliasAllProperties"),
        "another alias": put("QuotaFunction/AutoPublishAlias", "test"),
    },
    functions.a_new_release_publishes_versions: {
        "the version stays": drop("QuotaFunction/VersionDescription"),
        "the function stays": put("QuotaFunction/Description", "Tells an account's quota"),
    },
    environment.functions_get_the_variables_that_they_read: {
        "a variable that nothing reads": put(f"{VARIABLES}/QUOTA_LIMIT", "1"),
        "a variable that others read": put(f"{VARIABLES}/QUEUE_URL", {"Ref": "Queue"}),
        "one function is without it": drop("ConfirmFunction/Environment/Variables/S3_ENDPOINT"),
        "a function cannot start": drop("ClassifyFunction/Environment/Variables/DEAD_LETTER_QUEUE_ARN"),
        "a variable is misspelled": lambda template: (
            put(f"{VARIABLES}/DATABASE_URI", {"Ref": "DatabaseUrl"})(template), drop(f"{VARIABLES}/DATABASE_URL")(template)),
    },
    environment.no_environment_has_a_secret: {
        "the secret itself": put(f"{VARIABLES}/JWT_SECRET", "0" * 32),
        "a provider's key": put("ClassifyFunction/Environment/Variables/AWS_BEARER_TOKEN_BEDROCK", "key"),
        "a dynamic reference": put(f"{VARIABLES}/JWT_SECRET_ARN", {
            "Fn::Sub": "{{resolve:secretsmanager:${JwtSecret}}}"}),
        "a hidden parameter": put("/Parameters/LogLevel/NoEcho", True),
        "a URL with a password": put("/Parameters/DatabaseUrl/AllowedPattern", "^$|^postgres://.+$"),
    },
    environment.environments_are_accepted_by_lambda: {
        "too large": put(f"{VARIABLES}/LOG_LEVEL", "x" * 4096),
        "a reserved name": put(f"{VARIABLES}/AWS_REGION", "eu-central-1"),
    },
}
