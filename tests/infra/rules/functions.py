"""Functions: their names, programs, time-outs and memory."""

from typing import Iterator

from dev.template_figures import pascal_case
from infra.repository import Repository
from infra.rule import rule
from infra.rules.routes import find_function, list_operations
from infra.stack import Stack

# The names by which AWS knows resources. Two stacks could not use the same ones.
NAMES = {
    "AWS::Lambda::Function": "FunctionName", "AWS::IAM::Role": "RoleName", "AWS::SQS::Queue": "QueueName",
    "AWS::S3::Bucket": "BucketName", "AWS::Logs::LogGroup": "LogGroupName", "AWS::RDS::DBProxy": "DBProxyName",
    "AWS::RDS::DBCluster": "DBClusterIdentifier", "AWS::SecretsManager::Secret": "Name",
    "AWS::Scheduler::Schedule": "Name", "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName", "AWS::EC2::SecurityGroup": "GroupName",
}
OF_STACK = ("${AWS::StackId}", "${AWS::StackName}")
# Argon2id takes 14 ms of a whole core, which 1,769 MB are.
HASHING, HASHING_MB = ("account", "auth", "migrate", "passkeys"), 1024


@rule
def functions_are_those_on_disk(stack: Stack, repository: Repository) -> Iterator[str]:
    """Each folder of functions/ has a function with its name, and each function a folder."""
    names = [name for name, resource in stack.resources.items() if resource["Type"] == "AWS::Lambda::Function"]
    for name, function in zip(names, stack.functions()):
        if name != f"{pascal_case(function)}Function":
            yield f"{name} runs the program {function or 'of no name'}"
    for function in sorted(set(stack.functions()) ^ repository.functions):
        yield f"{function} is not both a folder of functions/ and a function of the template"


@rule
def functions_have_events_and_tests(stack: Stack, repository: Repository) -> Iterator[str]:
    """Each function has an event with which it can be tried, and a file of tests."""
    for function in stack.functions():
        for path in repository.missing_files(function):
            yield f"{path} does not exist"


@rule
def programs_are_built_for_arm64_by_cargo_lambda(stack: Stack, _: Repository) -> Iterator[str]:
    """Each function is a Rust program for provided.al2023 on arm64."""
    for function, properties in stack.functions().items():
        metadata = stack.resources[f"{pascal_case(function)}Function"].get("Metadata", {}) if function else {}
        if metadata.get("BuildMethod") != "rust-cargolambda":
            yield f"{function} is not built by cargo-lambda"
        settings = (properties.get("Runtime"), properties.get("Architectures"), properties.get("Handler"))
        if settings != ("provided.al2023", ["arm64"], "bootstrap"):
            yield f"{function} does not run bootstrap on provided.al2023 and arm64"


@rule
def time_outs_are_the_limits(stack: Stack, repository: Repository) -> Iterator[str]:
    """API_FUNCTION_TIMEOUT for functions with routes, FUNCTION_TIMEOUT for others."""
    routed = {find_function(stack, to) for _, _, to in list_operations(stack)}
    for function, properties in stack.functions().items():
        limit = "API_FUNCTION_TIMEOUT" if function in routed else "FUNCTION_TIMEOUT"
        if properties.get("Timeout") != repository.limits[limit]:
            yield f"the time-out of {function} is {properties.get('Timeout')} s, and {limit} is {repository.limits[limit]} s"


@rule
def passwords_are_hashed_with_enough_memory(stack: Stack, _: Repository) -> Iterator[str]:
    """A function has a share of a core for each MB, and argon2 needs much of one."""
    for function in HASHING:
        if stack.functions()[function].get("MemorySize", 128) < HASHING_MB:
            yield f"{function} hashes passwords with less than {HASHING_MB} MB"


@rule
def functions_write_traces_and_json(stack: Stack, _: Repository) -> Iterator[str]:
    """The parameter Tracing says whether X-Ray records functions. Lambda's own log lines are JSON."""
    for function, properties in stack.functions().items():
        if properties.get("TracingConfig") != {"Mode": stack.parameters["Tracing"]}:
            yield f"{function} is not traced as Tracing says"
        if properties.get("LoggingConfig", {}).get("LogFormat") != "JSON":
            yield f"{function} does not log JSON"


@rule
def names_are_not_fixed(stack: Stack, _: Repository) -> Iterator[str]:
    """A name is chosen by CloudFormation, or contains the stack's own."""
    for name, resource in stack.resources.items():
        fixed = resource.get("Properties", {}).get(NAMES.get(resource["Type"], ""))
        if fixed and not any(symbol in str(fixed) for symbol in OF_STACK):
            yield f"{name} has the fixed name {fixed}"


@rule
def every_change_publishes_a_version(stack: Stack, _: Repository) -> Iterator[str]:
    """The alias `live` moves to a new version if only the settings change, too."""
    for name, resource in stack.source["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            if resource["Properties"].get("AutoPublishAliasAllProperties") is not True:
                yield f"{name} keeps its old settings behind the alias if only they change"
            if stack.get(f"{name}Aliaslive").get("Name") != "live":
                yield f"{name} has no alias live"


@rule
def a_new_release_publishes_versions(stack: Stack, _: Repository) -> Iterator[str]:
    """SAM does not see that a parameter has another value. `Release` does what it leaves out.

    It replaces the version, and it changes the function, without which AWS would publish no version.
    """
    for name, resource in stack.source["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            for description in ("Description", "VersionDescription"):
                if "Release" not in str(resource["Properties"].get(description)):
                    yield f"{name} has no release in its {description}"
