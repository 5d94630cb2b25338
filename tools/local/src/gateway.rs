//! The gateway in front of the functions, as API Gateway's HTTP API is on AWS: routes, the integration's time limit, a bound on
//! what is under way in one function, the caller's address. The emulator has none of it, and stops for good when a hundred
//! requests wait for one function.

mod door;
mod event;
mod refusal;
mod reply;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::Method;
use axum::response::{IntoResponse as _, Response};
use axum::routing::MethodFilter;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::config::Config;
use crate::lambda::Lambda;
use crate::routes::{self, Route};
use crate::stop::Stop;
use door::{Door, Limits};
use refusal::Refusal;

/// The largest request body, in bytes, as API Gateway has it.
const LARGEST: usize = 10 * 1024 * 1024;

/// Serves the API until it is stopped. Of one function's requests the emulator has two for each process: one that it works on,
/// and the next.
pub fn serve(
    listener: TcpListener,
    config: &Config,
    lambda: Lambda,
    stop: Stop,
) -> Result<impl Future<Output = Result<()>> + use<>> {
    // A thousand places at one door, and two connections for each that has a turn.
    rlimit::increase_nofile_limit(u64::MAX)?;
    let limits = Limits { time: config.api_timeout, running: config.concurrency * 2 };
    let service = router(limits, &lambda)?.into_make_service_with_connect_info::<SocketAddr>();
    Ok(async move {
        axum::serve(listener, service).with_graceful_shutdown(async move { stop.asked().await }).await?;
        Ok(())
    })
}

/// The table has HEAD beside every GET, for the emulator; axum gives HEAD to whoever has GET.
fn router(limits: Limits, lambda: &Lambda) -> Result<Router> {
    let mut doors = BTreeMap::new();
    let mut router = Router::new();
    for route in routes::all()?.into_iter().filter(|route| route.method != "HEAD") {
        let door = doors
            .entry(route.function.clone())
            .or_insert_with(|| Arc::new(Door::new(&route.function, limits, lambda.clone())));
        let (door, path) = (Arc::clone(door), route.path.clone());
        let method = Method::try_from(route.method.as_str())?;
        let method = MethodFilter::try_from(method).ok().context("a method of HTTP")?;
        let route = Arc::new(route);
        let handler = move |ConnectInfo(caller): ConnectInfo<SocketAddr>, request: Request| {
            answer(Arc::clone(&door), Arc::clone(&route), caller, request)
        };
        router = router.route(&path, axum::routing::on(method, handler));
    }
    Ok(router
        .fallback(async || Refusal::NotFound.answer(Uuid::now_v7()))
        .method_not_allowed_fallback(async || Refusal::MethodNotAllowed.answer(Uuid::now_v7())))
}

/// One request; the log says how it ended, and names neither path nor query.
async fn answer(door: Arc<Door>, route: Arc<Route>, caller: SocketAddr, request: Request) -> Response {
    let (begun, id) = (Instant::now(), Uuid::now_v7());
    let method = request.method().clone();
    let response = match pass(&door, &route, caller, request, id).await {
        Ok(response) => response,
        Err(refusal) => {
            tracing::warn!(function = route.function, %id, %refusal, "refused by the gateway");
            refusal.answer(id)
        }
    };
    let (status, millis) = (response.status().as_u16(), begun.elapsed().as_millis() as u64);
    tracing::info!(%method, route = route.path, status, millis, "request");
    response
}

async fn pass(
    door: &Door,
    route: &Route,
    caller: SocketAddr,
    request: Request,
    id: Uuid,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let event = async {
        let body = axum::body::to_bytes(body, LARGEST).await.map_err(Refusal::of_body)?;
        Ok(event::of(route, &parts, &body, caller, id))
    };
    let answer = door.pass(event).await?;
    Ok(reply::read(&answer).ok_or(Refusal::Failed)?.into_response())
}
