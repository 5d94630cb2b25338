"""The API as a whole: origins, throttling and the access log."""

import re
from typing import Iterator

from infra.repository import Repository
from infra.rule import rule
from infra.stack import Stack

STAGE = "ApiApiGatewayDefaultStage"
# Variables of an access log that may contain tokens or ids of documents.
REVEALING = re.compile(r"\$context\.(path|authorizer|identity\.(?!sourceIp)|requestOverride)|\$(request|input)")
# Each of these routes hashes a password.
HASHING = ("POST /api/auth/login", "POST /api/auth/register", "POST /api/auth/change-password")


def list_origins(stack: Stack) -> Iterator[tuple[str, list]]:
    """Lists the allowed origins of the API and of the bucket."""
    cors = stack.get("Api").get("Body", {}).get("x-amazon-apigateway-cors", {})
    yield "the API", cors.get("allowOrigins", [])
    for entry in stack.get("Bucket").get("CorsConfiguration", {}).get("CorsRules", []):
        yield "the bucket", entry.get("AllowedOrigins", [])


@rule
def origins_are_named(stack: Stack, _: Repository) -> Iterator[str]:
    """The API and the bucket admit pages of the origins in the parameters, and of no others."""
    names = ("WebOrigin", "OtherWebOrigin")
    named = [stack.parameters[name] for name in names if stack.parameters[name]]
    for owner, origins in list_origins(stack):
        if origins != named:
            yield f"{owner} does not admit exactly the origins in WebOrigin and OtherWebOrigin"
    for name in names:
        pattern = stack.source["Parameters"][name].get("AllowedPattern", ".*")
        for origin in ("*", "https://*", "http://vault.example", "https://vault.example/"):
            if re.fullmatch(pattern, origin):
                yield f"{name} may be {origin}"


@rule
def pages_of_the_origins_may_use_sessions(stack: Stack, _: Repository) -> Iterator[str]:
    """Browsers send cookies from pages of the allowed origins, and the functions accept these origins."""
    if stack.get("Api").get("Body", {}).get("x-amazon-apigateway-cors", {}).get("allowCredentials") is not True:
        yield "the API does not admit cookies"
    named = [stack.parameters[name] for name in ("WebOrigin", "OtherWebOrigin") if stack.parameters[name]]
    for function in stack.functions():
        origins = stack.variables(function).get("WEB_ORIGINS")
        if origins is not None and origins.split(",") != named:
            yield f"{function} does not accept exactly the origins in WebOrigin and OtherWebOrigin"


@rule
def requests_are_throttled(stack: Stack, _: Repository) -> Iterator[str]:
    """The API limits all requests, and those that hash a password to fewer."""
    settings = stack.get(STAGE)
    general = settings.get("DefaultRouteSettings", {})
    for name in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
        most = general.get(name, 0)
        if most <= 0:
            yield f"the API has no {name}"
        for route in HASHING:
            if not 0 < settings.get("RouteSettings", {}).get(route, {}).get(name, 0) < most:
                yield f"{route} has no {name} of its own that is lower"


@rule
def requests_are_logged_without_secrets(stack: Stack, _: Repository) -> Iterator[str]:
    """The access log tells why an integration failed. It has no paths, queries and headers."""
    log = stack.get(STAGE).get("AccessLogSettings", {})
    form = log.get("Format", "")
    if log.get("DestinationArn") != "${ApiLog.Arn}":
        yield "the API does not write its access log to ApiLog"
    for name in ("requestId", "routeKey", "status", "integrationErrorMessage"):
        if f"$context.{name}" not in form:
            yield f"the access log has no $context.{name}"
    for found in REVEALING.finditer(form):
        yield f"the access log has {found[0]}"
