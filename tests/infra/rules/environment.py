"""The functions' environment variables."""

import json
import re
from typing import Iterator

from infra.repository import Repository
from infra.rule import rule
from infra.stack import Stack

# Lambda refuses a larger environment, in bytes.
MOST = 4096
# Lambda sets these by itself. It refuses a function that sets one.
RESERVED = re.compile(r"AWS_(?!BEARER_TOKEN_BEDROCK)|LAMBDA_|_HANDLER$|_X_AMZN_TRACE_ID$|TZ$")
# Variables that have a secret as their value, without _ARN behind.
SECRET = re.compile(r"SECRET$|PASSWORD$|_KEY$|TOKEN(_\w+)?$(?<!_ARN)")
DYNAMIC = re.compile(r"\{\{resolve:")
# Values for URLs of databases that would have a password.
REVEALING = ("postgres://docuvault_app:geheim@db.example/docuvault",
             "postgres://docuvault_app@db.example/docuvault?password=geheim",
             "host=db.example password=geheim")


@rule
def functions_get_the_variables_that_they_read(stack: Stack, repository: Repository) -> Iterator[str]:
    """A function gets only variables that its source reads.

    If one function gets a variable, so do all functions that read it. Variables without which a function does
    not start are set, unless Lambda sets them.
    """
    given = {function: set(stack.variables(function)) for function in stack.functions()}
    anywhere = set().union(*given.values())
    for function, names in given.items():
        reads = repository.variables.get(function)
        if not reads:
            continue
        for name in sorted(names - reads.all):
            yield f"{function} gets {name}, which it does not read"
        needed = reads.all & anywhere | {name for name in reads.required if not RESERVED.match(name)}
        for name in sorted(needed - names):
            yield f"{function} does not get {name}, which it reads"


@rule
def no_environment_has_a_secret(stack: Stack, _: Repository) -> Iterator[str]:
    """The environment has ARNs of secrets, and no secrets. The template has no dynamic references."""
    for function in stack.functions():
        for name, value in stack.variables(function).items():
            if SECRET.search(name):
                yield f"{function} gets the secret {name}"
            hidden = [parameter for parameter, settings in stack.source["Parameters"].items()
                      if settings.get("NoEcho") and stack.parameters[parameter] in (value, "")]
            if hidden:
                yield f"{function} gets a hidden parameter in {name}"
    if DYNAMIC.search(json.dumps(stack.source)):
        yield "the template has a dynamic reference, whose value would be in plain text"
    for name in ("DatabaseUrl", "DatabaseMigrateUrl"):
        pattern = stack.source["Parameters"][name].get("AllowedPattern", "^.*$")
        if any(re.match(pattern, text) for text in REVEALING):
            yield f"{name} may have a password"


@rule
def environments_are_accepted_by_lambda(stack: Stack, _: Repository) -> Iterator[str]:
    """An environment has at most 4 KB, and no names that Lambda keeps for itself."""
    for function in stack.functions():
        variables = stack.variables(function)
        if (size := len(json.dumps(variables))) > MOST:
            yield f"the environment of {function} has {size} bytes"
        for name in filter(RESERVED.match, variables):
            yield f"{function} sets {name}, which Lambda sets itself"
