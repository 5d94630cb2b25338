"""Mutants of the rules about the page."""

from infra.rules import page
from infra.tests.change import append, drop, put

SECURITY = "PageHeaders/ResponseHeadersPolicyConfig/SecurityHeadersConfig"
CONFIG = "Page/DistributionConfig"
API = f"{CONFIG}/CacheBehaviors/0"
POLICY = f"{SECURITY}/ContentSecurityPolicy/ContentSecurityPolicy"


def allow_inline(template: dict) -> None:
    """Allows inline scripts in the content security policy."""
    text, _ = template["Resources"]["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"][
        "ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    put(f"{POLICY}/Fn::Sub/0", text.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"))(template)


MUTANTS = {
    page.the_page_has_the_headers_of_the_gateway: {
        "inline scripts": allow_inline,
        "another store": put(f"{POLICY}/Fn::Sub/1/Store", "https://elsewhere.example"),
        "the bucket may send another policy": put(f"{SECURITY}/ContentSecurityPolicy/Override", False),
        "no policy": drop(f"{SECURITY}/ContentSecurityPolicy"),
        "sniffed types": drop(f"{SECURITY}/ContentTypeOptions"),
        "a referrer": put(f"{SECURITY}/ReferrerPolicy/ReferrerPolicy", "origin"),
        "TLS for a day": put(f"{SECURITY}/StrictTransportSecurity/AccessControlMaxAgeSec", 86400),
        "no word about TLS": drop(f"{SECURITY}/StrictTransportSecurity"),
        "windows that opened it": drop("PageHeaders/ResponseHeadersPolicyConfig/CustomHeadersConfig/Items/0"),
        "one header more": put(f"{SECURITY}/FrameOptions", {"Override": True, "FrameOption": "DENY"}),
        "no headers": drop(f"{CONFIG}/DefaultCacheBehavior/ResponseHeadersPolicyId"),
    },
    page.only_the_distribution_reads_the_page: {
        "requests without a signature": put("PageAccess/OriginAccessControlConfig/SigningBehavior", "never"),
        "no access control": drop(f"{CONFIG}/Origins/0/OriginAccessControlId"),
        "documents as the page": put(f"{CONFIG}/Origins/0/DomainName", {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]}),
        "CloudFront writes": put("PageBucketPolicy/PolicyDocument/Statement/1/Action", "s3:PutObject"),
        "absent files look forbidden": drop("PageBucketPolicy/PolicyDocument/Statement/2"),
        "a website": put("PageBucket/WebsiteConfiguration", {"IndexDocument": "index.html"}),
    },
    page.the_api_is_behind_the_page_and_not_cached: {
        "no API": drop(API),
        "another path": put(f"{API}/PathPattern", "/api/documents/*"),
        "the page instead": put(f"{API}/TargetOriginId", "page"),
        "answers are cached": put(f"{API}/CachePolicyId", "658327ea-f89d-4fab-a63d-7e88639e58f6"),
        "no tokens": drop(f"{API}/OriginRequestPolicyId"),
        "no uploads": put(f"{API}/AllowedMethods", ["GET", "HEAD"]),
        "paths of the API are views": put(f"{API}/FunctionAssociations", [
            {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["PageViews", "FunctionARN"]}}]),
        "a 403 is cached": drop(f"{CONFIG}/CustomErrorResponses/1"),
        "a 404 is cached": put(f"{CONFIG}/CustomErrorResponses/2/ErrorCachingMinTTL", 10),
        "a 404 is the page": put(f"{CONFIG}/CustomErrorResponses/2/ResponsePagePath", "/index.html"),
    },
    page.the_page_needs_tls: {
        "TLS 1.0": put(f"{CONFIG}/ViewerCertificate/Fn::If/1/MinimumProtocolVersion", "TLSv1"),
        "TLS 1.2 of 2019": put(f"{CONFIG}/ViewerCertificate/Fn::If/1/MinimumProtocolVersion", "TLSv1.2_2019"),
        "the certificate is not used": put(f"{CONFIG}/ViewerCertificate", {"CloudFrontDefaultCertificate": True}),
        "no own domain": drop(f"{CONFIG}/Aliases"),
        "another domain": put(f"{CONFIG}/Aliases", ["other.example"]),
        "the API without TLS": put(f"{CONFIG}/Origins/1/CustomOriginConfig/OriginProtocolPolicy", "http-only"),
        "the API by TLS 1.1": append(f"{CONFIG}/Origins/1/CustomOriginConfig/OriginSSLProtocols", "TLSv1.1"),
        "the page without TLS": put(f"{CONFIG}/DefaultCacheBehavior/ViewerProtocolPolicy", "allow-all"),
        "tokens in a redirected request": put(f"{API}/ViewerProtocolPolicy", "redirect-to-https"),
    },
    page.the_page_reads_what_it_needs_of_objects: {
        "no lengths": put("Bucket/CorsConfiguration/CorsRules/0/ExposedHeaders", ["ETag"]),
        "no parts": put("Bucket/CorsConfiguration/CorsRules/0/AllowedHeaders", ["content-type"]),
    },
}
