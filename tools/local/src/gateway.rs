//! The gateway in front of the functions. It does what API Gateway's HTTP API does on AWS: routing, a time
//! limit for the whole request, a limit on concurrent requests, and the caller's address. The emulator does
//! none of these, and stops for good once more than a hundred requests wait for one function.

mod error;
mod event;
mod limiter;
mod page;
mod reference;
mod reply;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::Method;
use axum::response::Response;
use axum::routing::MethodFilter;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::Config;
use crate::lambda::Lambda;
use crate::routes::{self, Route};
use error::GatewayError;
use limiter::{Limiter, Limits};
use page::Page;

/// The largest request body in bytes. API Gateway has the same limit.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// Serves the API until the shutdown begins.
///
/// The emulator gets at most two requests per process of a function: the one being processed, and the next
/// one.
pub fn serve(
    listener: TcpListener,
    config: &Config,
    lambda: Lambda,
    shutdown: CancellationToken,
) -> Result<impl Future<Output = Result<()>> + use<>> {
    // Up to a thousand waiting connections per function, and two for each request that is being processed.
    rlimit::increase_nofile_limit(u64::MAX)?;
    let limits = Limits { time: config.api_timeout, running: config.concurrency * 2 };
    let page = config.page.as_deref().map(|folder| Page::new(folder, &config.public_store)).transpose()?;
    let service = router(limits, &lambda, page)?.into_make_service_with_connect_info::<SocketAddr>();
    Ok(async move {
        axum::serve(listener, service).with_graceful_shutdown(shutdown.cancelled_owned()).await?;
        Ok(())
    })
}

/// Builds the router. It skips the HEAD routes of the table in `Cargo.toml`, which only the emulator needs:
/// axum answers HEAD wherever there is GET.
fn router(limits: Limits, lambda: &Lambda, page: Option<Page>) -> Result<Router> {
    let mut limiters = BTreeMap::new();
    let mut router = Router::new();
    for route in routes::all()?.into_iter().filter(|route| route.method != "HEAD") {
        let limiter = limiters
            .entry(route.function.clone())
            .or_insert_with(|| Arc::new(Limiter::new(&route.function, limits, lambda.clone())));
        let (limiter, path) = (Arc::clone(limiter), route.path.clone());
        let method = Method::try_from(route.method.as_str())?;
        let method = MethodFilter::try_from(method).ok().context("a route has an unknown method")?;
        let route = Arc::new(route);
        let handler = move |ConnectInfo(caller): ConnectInfo<SocketAddr>, request: Request| {
            handle(Arc::clone(&limiter), Arc::clone(&route), caller, request)
        };
        router = router.route(&path, axum::routing::on(method, handler));
    }
    Ok(router
        .merge(reference::router())
        .fallback(async move |request: Request| answer_unrouted(page.as_ref(), request).await)
        .method_not_allowed_fallback(async || GatewayError::MethodNotAllowed.into_response(Uuid::now_v7())))
}

/// Answers a request that no route has: with the page, if there is one and the path is not the API's.
async fn answer_unrouted(page: Option<&Page>, request: Request) -> Response {
    let path = request.uri().path();
    match page {
        Some(page) if path != "/api" && !path.starts_with("/api/") => page.serve(request).await,
        _ => GatewayError::NotFound.into_response(Uuid::now_v7()),
    }
}

/// Answers one request and logs the outcome. The log has the route's pattern, but neither the path nor the
/// query.
async fn handle(limiter: Arc<Limiter>, route: Arc<Route>, caller: SocketAddr, request: Request) -> Response {
    let (start, id) = (Instant::now(), Uuid::now_v7());
    let method = request.method().clone();
    let response = match forward(&limiter, &route, caller, request, id).await {
        Ok(response) => response,
        Err(error) => {
            tracing::warn!(function = route.function, %id, %error, "the gateway answered with an error");
            error.into_response(id)
        }
    };
    let (status, duration_ms) = (response.status().as_u16(), start.elapsed().as_millis() as u64);
    tracing::info!(%method, route = route.path, status, duration_ms, "answered a request");
    response
}

/// Invokes the function with the request.
async fn forward(
    limiter: &Limiter,
    route: &Route,
    caller: SocketAddr,
    request: Request,
    id: Uuid,
) -> Result<Response, GatewayError> {
    let (parts, body) = request.into_parts();
    let event = async {
        let body = axum::body::to_bytes(body, MAX_BODY).await.map_err(GatewayError::from_body_error)?;
        Ok(event::build(route, &parts, &body, caller, id))
    };
    let answer = limiter.invoke(event).await?;
    reply::parse(&answer).ok_or(GatewayError::Failed)
}
