"""Routes: the template, the router table, the reference and the pages have the same ones."""

import re
from typing import Iterator

from infra.repository import Repository
from infra.rule import rule
from infra.stack import Stack, binary

FUNCTION = re.compile(r"\$\{(\w+?)Alias\w+\}")


def list_operations(stack: Stack) -> Iterator[tuple[str, str, dict]]:
    """Lists method, path and integration of each route of the API."""
    for path, operations in stack.get("Api").get("Body", {}).get("paths", {}).items():
        for method, operation in operations.items():
            yield method.upper(), path, operation["x-amazon-apigateway-integration"]


def find_function(stack: Stack, integration: dict) -> str:
    """Returns the name of the function to whose alias a route leads, or an empty text."""
    found = FUNCTION.search(integration["uri"])
    return binary(stack.resources.get(found[1], {})) if found else ""


@rule
def routes_are_those_of_the_router_table(stack: Stack, repository: Repository) -> Iterator[str]:
    """The router table in Cargo.toml is the one list of routes, which the local gateway reads, too."""
    routes = {(method, path, find_function(stack, to)) for method, path, to in list_operations(stack)}
    for method, path, function in sorted(routes ^ repository.routes):
        owner = "the template" if (method, path, function) in routes else "Cargo.toml"
        yield f"only {owner} routes {method} {path} to {function or 'no alias of a function'}"


@rule
def routes_are_those_of_the_reference(stack: Stack, repository: Repository) -> Iterator[str]:
    """infra/openapi.json describes every route, and no other."""
    routes = {(method, path) for method, path, _ in list_operations(stack)}
    for method, path in sorted(routes ^ repository.reference):
        yield f"only {'the template' if (method, path) in routes else 'infra/openapi.json'} has {method} {path}"


@rule
def documented_paths_exist(stack: Stack, repository: Repository) -> Iterator[str]:
    """Pages mention only paths that the API has."""
    paths = {path for _, path, _ in list_operations(stack)}
    for path in sorted(repository.documented_paths.keys() - paths):
        if not any(known.startswith(f"{path}/") for known in paths):
            yield f"{repository.documented_paths[path]} mentions {path}, which is no path of the API"


@rule
def head_is_wherever_get_is(stack: Stack, _: Repository) -> Iterator[str]:
    """An HTTP API answers HEAD only where a route says so."""
    routes = {(method, path) for method, path, _ in list_operations(stack)}
    for method, path in sorted(routes):
        if method == "GET" and ("HEAD", path) not in routes:
            yield f"{path} has GET and no HEAD"


@rule
def routes_answer_in_the_time_of_the_gateway(stack: Stack, repository: Repository) -> Iterator[str]:
    """API Gateway waits for GATEWAY_TIMEOUT and sends events of the second version."""
    for method, path, to in list_operations(stack):
        if to.get("timeoutInMillis") != repository.limits["GATEWAY_TIMEOUT"] * 1000:
            yield f"{method} {path}: TimeoutInMillis is not GATEWAY_TIMEOUT"
        if to.get("payloadFormatVersion") != "2.0":
            yield f"{method} {path}: the version of its events is not 2.0"
