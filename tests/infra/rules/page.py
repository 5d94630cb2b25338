"""The page: its bucket, its headers, and the distribution that also leads to the API."""

from typing import Iterator

from infra.repository import Repository
from infra.rule import rule
from infra.stack import Stack

STORE = "https://${Bucket.RegionalDomainName}"
# The headers that CloudFront knows by names of its own, each with the setting that has its value.
SECURITY_HEADERS = {
    "ContentSecurityPolicy": ("content-security-policy", "ContentSecurityPolicy"),
    "ContentTypeOptions": ("x-content-type-options", "always nosniff"),
    "ReferrerPolicy": ("referrer-policy", "ReferrerPolicy"),
    "StrictTransportSecurity": ("strict-transport-security", "AccessControlMaxAgeSec"),
}
YEAR = 365 * 24 * 3600
# Policies of AWS: nothing is cached; all headers but Host are passed on.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
# The errors that CloudFront keeps although caching is disabled.
KEPT_ERRORS = {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
# What a browser tells a page about an object of the store. Previews ask for parts of files.
EXPOSED = {"ETag", "Accept-Ranges", "Content-Length", "Content-Range"}


def find_distribution(stack: Stack) -> dict:
    """Returns the settings of the distribution."""
    return stack.get("Page").get("DistributionConfig", {})


def find_origins(stack: Stack) -> dict[str, dict]:
    """Returns the origins of the distribution, by their ids."""
    return {origin["Id"]: origin for origin in find_distribution(stack).get("Origins", [])}


def list_headers(stack: Stack) -> Iterator[tuple[str, object, bool]]:
    """Lists the headers that CloudFront adds: name, value, and whether they replace other values."""
    config = stack.get("PageHeaders").get("ResponseHeadersPolicyConfig", {})
    for kind, entry in config.get("SecurityHeadersConfig", {}).items():
        name, setting = SECURITY_HEADERS.get(kind, (kind, ""))
        yield name, entry.get(setting, "nosniff"), entry.get("Override", False)
    for entry in config.get("CustomHeadersConfig", {}).get("Items", []):
        yield entry["Header"].lower(), entry["Value"], entry["Override"]


@rule
def the_page_has_the_headers_of_the_gateway(stack: Stack, repository: Repository) -> Iterator[str]:
    """CloudFront sends the headers of the local gateway, and asks browsers for TLS from then on."""
    wanted = {name: value.replace("{store}", STORE) for name, value in repository.page_headers.items()}
    found = {name: value for name, value, replaces in list_headers(stack) if replaces}
    lasts = found.pop("strict-transport-security", 0)
    if lasts < YEAR:
        yield "the page has no Strict-Transport-Security for a year"
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            yield f"{name} of the page is {found.get(name)}, and at the gateway {wanted.get(name)}"
    if find_distribution(stack).get("DefaultCacheBehavior", {}).get("ResponseHeadersPolicyId") != "${PageHeaders}":
        yield "the page is served without its headers"


@rule
def only_the_distribution_reads_the_page(stack: Stack, _: Repository) -> Iterator[str]:
    """CloudFront signs its requests to the bucket, and may do nothing there but read."""
    origin, access = find_origins(stack).get("page", {}), stack.get("PageAccess").get("OriginAccessControlConfig", {})
    if origin.get("DomainName") != "${PageBucket.RegionalDomainName}" or origin.get("OriginAccessControlId") != "${PageAccess.Id}":
        yield "the page does not come from PageBucket by PageAccess"
    if (access.get("SigningBehavior"), access.get("SigningProtocol")) != ("always", "sigv4"):
        yield "requests to PageBucket are not always signed"
    statements = stack.get("PageBucketPolicy").get("PolicyDocument", {}).get("Statement", [])
    allowed = [(statement["Principal"], statement["Action"]) for statement in statements if statement["Effect"] == "Allow"]
    if allowed != [({"Service": "cloudfront.amazonaws.com"}, action) for action in ("s3:GetObject", "s3:ListBucket")]:
        yield "PageBucketPolicy does not allow exactly what CloudFront needs"
    if {"CorsConfiguration", "WebsiteConfiguration"} & stack.get("PageBucket").keys():
        yield "PageBucket serves browsers itself"


@rule
def the_api_is_behind_the_page_and_not_cached(stack: Stack, _: Repository) -> Iterator[str]:
    """`/api/*` leads to the API, with all methods and headers. No answer and no error is kept."""
    behaviors = find_distribution(stack).get("CacheBehaviors", [])
    if [one["PathPattern"] for one in behaviors] != ["/api/*"]:
        yield "not exactly /api/* leads elsewhere than to the page"
    for one in behaviors:
        if find_origins(stack).get(one["TargetOriginId"], {}).get("DomainName", "").partition(".")[0] != "${Api}":
            yield f"{one['PathPattern']} does not lead to the API"
        if (one.get("CachePolicyId"), one.get("OriginRequestPolicyId")) != (CACHING_DISABLED, ALL_BUT_HOST):
            yield f"{one['PathPattern']} is cached, or the API does not see all of a request"
        if set(one.get("AllowedMethods", [])) != {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}:
            yield f"{one['PathPattern']} does not admit all methods"
        if one.get("FunctionAssociations"):
            yield f"{one['PathPattern']} is rewritten"
    errors = find_distribution(stack).get("CustomErrorResponses", [])
    if {one["ErrorCode"] for one in errors if one.get("ErrorCachingMinTTL") == 0} != KEPT_ERRORS:
        yield "CloudFront keeps errors of the API, and answers others with them"
    if any("ResponsePagePath" in one or "ResponseCode" in one for one in errors):
        yield "CloudFront replaces errors of the API"


@rule
def the_page_needs_tls(stack: Stack, _: Repository) -> Iterator[str]:
    """Browsers and CloudFront use TLS 1.2 at least, to the page's own domain and to the API."""
    config, certificate = find_distribution(stack), find_distribution(stack).get("ViewerCertificate", {})
    if stack.parameters["CertificateArn"]:
        if certificate.get("MinimumProtocolVersion") != "TLSv1.2_2021" or certificate.get("SslSupportMethod") != "sni-only":
            yield "the page admits TLS before 1.2"
        if [f"https://{alias}" for alias in config.get("Aliases", [])] != [stack.parameters["WebOrigin"]]:
            yield "the certificate is not for the host of WebOrigin"
    origin = find_origins(stack).get("api", {}).get("CustomOriginConfig", {})
    if (origin.get("OriginProtocolPolicy"), origin.get("OriginSSLProtocols")) != ("https-only", ["TLSv1.2"]):
        yield "CloudFront reaches the API without TLS 1.2"
    for one in [config.get("DefaultCacheBehavior", {}), *config.get("CacheBehaviors", [])]:
        allowed = {"https-only"} if "PathPattern" in one else {"https-only", "redirect-to-https"}
        if one.get("ViewerProtocolPolicy") not in allowed:
            yield f"{one.get('PathPattern', 'the page')} is served without TLS"


@rule
def the_page_reads_what_it_needs_of_objects(stack: Stack, _: Repository) -> Iterator[str]:
    """The bucket of documents lets the page read parts of files."""
    for entry in stack.get("Bucket").get("CorsConfiguration", {}).get("CorsRules", []):
        for name in sorted(EXPOSED - set(entry.get("ExposedHeaders", []))):
            yield f"the page cannot read {name} of an object"
        if "range" not in entry.get("AllowedHeaders", []):
            yield "the page cannot ask for a part of an object"
