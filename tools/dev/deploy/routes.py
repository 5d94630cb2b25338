"""The routes and the CORS settings of the API, which SAM writes into a body that the emulator ignores."""

import re
import sys

from dev import settings
from dev.deploy.emulator import REGION
from dev.deploy.stack import Stack

ALIAS = re.compile(r"functions/(arn:[^/]+)/invocations$")


def create(stack: Stack) -> int:
    """Creates what the body describes, by the API of API Gateway. Returns the number of routes."""
    client, api, body = stack.emulator.client("apigatewayv2"), stack.ids["Api"], resolve_body(stack)
    client.update_api(ApiId=api, CorsConfiguration=to_cors(body["x-amazon-apigateway-cors"]))
    routes = [(f"{method.upper()} {path}", operation["x-amazon-apigateway-integration"])
              for path, operations in body["paths"].items() for method, operation in operations.items()]
    for key, integration in routes:
        to = client.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=ALIAS.search(integration["uri"])[1],
            PayloadFormatVersion=integration["payloadFormatVersion"])
        client.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{to['IntegrationId']}")
    return len(routes)


def to_cors(described: dict) -> dict:
    """Returns settings of OpenAPI's extension under the names that API Gateway's own API has for them."""
    return {name[0].upper() + name[1:]: value for name, value in described.items()}


def resolve_body(stack: Stack) -> dict:
    """Computes the functions (`Fn::Sub`, `Fn::If`) in the body of the API."""
    sys.path.append(str(settings.ROOT / "tests"))
    from infra import intrinsics

    parameters = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack.describe()["Parameters"]}
    known = {**parameters, **stack.ids, "AWS::Partition": "aws", "AWS::Region": REGION}
    template = stack.template
    scope = intrinsics.Scope(known, template.get("Conditions", {}), template.get("Mappings", {}))
    return intrinsics.resolve(template["Resources"]["Api"]["Properties"]["Body"], scope)
