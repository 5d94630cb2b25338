"""Mutants of the rules about routes, the API, parameters and deployments."""

from infra.rules import api, dependencies, deployment, parameters, routes
from infra.tests.change import drop, put


def many_resources(template: dict) -> None:
    """Adds a hundred log groups."""
    for number in range(100):
        template["Resources"][f"Log{number}"] = {"Type": "AWS::Logs::LogGroup"}


MUTANTS = {
    routes.routes_are_those_of_the_router_table: {
        "a route is missing": drop("QuotaFunction/Events/ReadHead"),
        "a route has another method": put("ConfirmFunction/Events/Confirm/Properties/Method", "PUT"),
        "a route leads to another function": lambda template: (
            put("QuotaFunction/Events/Export", template["Resources"]["TopicsFunction"]["Properties"]["Events"]["List"])(
                template), drop("TopicsFunction/Events/List")(template)),
        "the API has a catch-all": put("AuthFunction/Events/All", {
            "Type": "HttpApi", "Properties": {"ApiId": {"Ref": "Api"}, "Method": "GET", "Path": "/{proxy+}"}}),
    },
    routes.routes_are_those_of_the_reference: {
        "an operation is missing": drop("DeleteFunction/Events/Delete"),
        "an operation has another path": put("AccountFunction/Events/Me/Properties/Path", "/api/auth/whoami"),
    },
    routes.documented_paths_exist: {
        "README's quota is gone": lambda template: (
            drop("QuotaFunction/Events/Read")(template), drop("QuotaFunction/Events/ReadHead")(template)),
    },
    routes.head_is_wherever_get_is: {"GET without HEAD": drop("HealthFunction/Events/CheckHead")},
    routes.routes_answer_in_the_time_of_the_gateway: {
        "a route waits longer": put("AuthFunction/Events/Login/Properties/TimeoutInMillis", 30000),
        "a route has the default": drop("AuthFunction/Events/Login/Properties/TimeoutInMillis"),
        "a route has old events": put("AuthFunction/Events/Login/Properties/PayloadFormatVersion", "1.0"),
    },
    api.origins_are_named: {
        "the API admits all pages": put("Api/CorsConfiguration", {"AllowOrigins": ["*"], "AllowCredentials": False}),
        "the API has SAM's default": put("Api/CorsConfiguration", True),
        "the bucket admits all pages": put("Bucket/CorsConfiguration/CorsRules/0/AllowedOrigins", ["*"]),
        "the parameter may be a star": put("/Parameters/WebOrigin/AllowedPattern", ".*"),
        "an origin may be without TLS": put("/Parameters/OtherWebOrigin/AllowedPattern", "^https?://[a-z.]+$"),
    },
    api.pages_of_the_origins_may_use_sessions: {
        "pages send no cookies": drop("Api/CorsConfiguration/AllowCredentials"),
        "a function knows no page": put("AuthFunction/Environment/Variables/WEB_ORIGINS", ""),
        "a function knows another page": put("AccountFunction/Environment/Variables/WEB_ORIGINS", "https://x.example"),
        "a function knows one page only": put("AuthFunction/Environment/Variables/WEB_ORIGINS", {"Ref": "WebOrigin"}),
    },
    api.requests_are_throttled: {
        "nothing is throttled": drop("Api/DefaultRouteSettings"),
        "a burst is not throttled": drop("Api/DefaultRouteSettings/ThrottlingBurstLimit"),
        "logins are throttled like all": lambda template: template["Resources"]["Api"]["Properties"]["RouteSettings"].pop(
            "POST /api/auth/login"),
    },
    api.requests_are_logged_without_secrets: {
        "there is no log": drop("Api/AccessLogSettings"),
        "the error is missing": put("Api/AccessLogSettings/Format", "$context.requestId $context.routeKey $context.status"),
        "the path is logged": put("Api/AccessLogSettings/Format", (
            "$context.requestId $context.routeKey $context.status $context.integrationErrorMessage $context.path")),
    },
    parameters.parameters_are_constrained: {
        "a parameter takes any value": drop("/Parameters/AlarmTopicArn/AllowedPattern"),
        "a parameter has no description": drop("/Parameters/Stage/Description"),
    },
    parameters.parameters_that_cannot_work_are_refused: {
        "a mode that one of the drivers does not know": put("/Parameters/DatabaseTls/AllowedValues", [
            "require", "disable", "verify-full"]),
        "a mode in the URL": put("/Parameters/DatabaseUrl/AllowedPattern", "^$|^postgres://[a-z_@.:0-9/?=-]+$"),
        "a certificate that CloudFront does not see": put("/Parameters/CertificateArn/AllowedPattern", "^$|^arn:aws:acm:.+$"),
        "tokens without TLS": drop("/Rules/ConnectionsWithoutTls"),
        "nobody migrates": drop("/Rules/ExistingDatabase/Assertions/0"),
        "no resource to log in to": drop("/Rules/ExistingDatabase/Assertions/1"),
        "a cluster, whose certificate is refused": put("/Parameters/DatabaseResourceId/AllowedPattern", "^(prx|cluster)-"),
        "passwords for the own database": drop("/Rules/OwnDatabase/Assertions/1"),
        "passwords in staging": drop("/Rules/LoginWithoutTokens"),
        "staging at an emulator": drop("/Rules/ElsewhereThanAws"),
        "one zone": drop("/Rules/Zones/Assertions/0"),
        "one zone twice": drop("/Rules/Zones/Assertions/1"),
        "two networks": drop("/Rules/ExistingNetwork/Assertions/0"),
        "a group without subnets": drop("/Rules/ExistingNetwork/Assertions/1"),
        "subnets without a group": drop("/Rules/ExistingNetwork/Assertions/2"),
        "a case is refused": put("/Parameters/WebOrigin/AllowedPattern", "^https://vault$"),
    },
    parameters.parameters_are_documented: {
        "a parameter is not documented": put("/Parameters/Owner", {"Type": "String", "Default": "nobody"}),
    },
    parameters.the_template_is_small_enough: {
        "too many resources": many_resources,
        "too large": put("/Metadata/Novel", "x" * 1_000_000),
    },
    parameters.settings_of_sam_fit: {
        "a parameter has another name": lambda template: template["Parameters"].update(
            Gradual=template["Parameters"].pop("GradualDeployment")),
        "a parameter is not set": put("/Parameters/Owner", {"Type": "String", "AllowedPattern": ".+"}),
        "a stage is missing": put("/Parameters/Stage/AllowedValues", ["dev", "prod"]),
    },
    deployment.functions_wait_for_the_migration: {
        "a function does not wait": drop("@QuotaFunction/DependsOn"),
        "a function waits for something else": put("@AuthFunction/DependsOn", "TokenPolicy"),
    },
    deployment.migrations_run_with_each_version: {
        "nothing changes with the code": drop("Migration/Version"),
        "it invokes the newest code": put("Migration/ServiceToken", {"Fn::GetAtt": ["MigrateFunction", "Arn"]}),
        "the proxy has no targets yet": drop("Migration/After/3"),
        "migrate cannot join the network": drop("@MigrateFunction/Metadata/After"),
    },
    deployment.alarms_bring_the_old_version_back: {
        "a function is deployed at once": drop("DeleteFunction/DeploymentPreference"),
        "an alarm is not watched": put("AuthFunction/DeploymentPreference/Alarms", [{"Ref": "AuthErrors"}]),
    },
    dependencies.no_resource_depends_on_itself: {
        "deployments watch a metric of the API": put("ApiErrors/Dimensions", [{"Name": "ApiId", "Value": {"Ref": "Api"}}]),
        "an attribute leads back": put("Queue/RedrivePolicy/deadLetterTargetArn", {"Fn::GetAtt": ["Queue", "Arn"]}),
        "a text leads back": put("QueuePolicy/PolicyDocument/Statement/0/Condition/ArnEquals/aws:SourceArn", {
            "Fn::Sub": "${Bucket.Arn}"}),
        "a text with names of its own leads back": put("DeadLetters/QueueName", {
            "Fn::Sub": ["${Other}-dead", {"Other": {"Fn::GetAtt": "Queue.QueueName"}}]}),
        "an order leads back": put("@QueuePolicy/DependsOn", ["Bucket"]),
    },
    deployment.errors_of_the_api_are_counted_in_its_log: {
        "throttles count": put("ApiErrorCount/FilterPattern", '{ $.status = "5*" }'),
        "another log": put("ApiErrorCount/LogGroupName", {"Ref": "HealthLog"}),
        "the log has no such field": put("Api/AccessLogSettings/Format", '{"status":"$context.status"}'),
        "another metric": put("ApiErrorCount/MetricTransformations/0/MetricName", "errors"),
        "another namespace": put("ApiErrors/Namespace", "AWS/ApiGateway"),
    },
    deployment.code_deploy_may_move_the_aliases: {
        "a function is missing": drop("DeploymentRole/Policies/0/PolicyDocument/Statement/1/Resource/0"),
    },
    deployment.an_emulator_can_deploy_it: {
        "the proxy is always made": drop("@Proxy/Condition"),
        "the network is always made": drop("@Vpc/Condition"),
        "an alarm on several metrics is always made": drop("@ApiThrottles/Condition"),
    },
}
