//! Reads the origin of a request.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderName, header};
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;

use crate::config::TrustedProxies;
use crate::visit::{self, Visit};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The id of a request, which its answer has in the header `x-request-id`.
#[derive(Clone)]
pub(super) struct RequestId(pub String);

impl<S> FromRequestParts<S> for Visit
where
    S: Send + Sync,
    TrustedProxies: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let TrustedProxies(proxies) = TrustedProxies::from_ref(state);
        let forwarded = parts.headers.get_all(FORWARDED_FOR).iter();
        // A client can write any bytes before the entry that a proxy appends.
        let forwarded: Vec<_> = forwarded.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let forwarded = forwarded.join(",");
        Ok(Self {
            address: read_connected(parts)
                .map(|connected| visit::client_address(connected, &forwarded, proxies)),
            user_agent: parts
                .headers
                .get(header::USER_AGENT)
                .and_then(|value| visit::read_user_agent(value.as_bytes())),
            request_id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()),
        })
    }
}

/// Returns the address that connected to the gateway, as the gateway says. A client cannot write it.
fn read_connected(parts: &Parts) -> Option<IpAddr> {
    let source = match parts.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.as_deref(),
        RequestContext::ApiGatewayV1(context) => context.identity.source_ip.as_deref(),
        _ => None,
    };
    source.and_then(visit::parse_address)
}
