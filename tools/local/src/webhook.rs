//! Serves `POST /events`, which passes the store's notifications to the queue.
//!
//! It answers 200 only once the queue has stored the message. Until then the store keeps the notification in
//! its own queue folder and sends it again.

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::queue::Queue;

#[derive(Clone)]
struct Webhook {
    queue: Queue,
    token: String,
}

/// Serves until the shutdown begins.
pub async fn serve(
    listener: TcpListener,
    queue: Queue,
    token: String,
    shutdown: CancellationToken,
) -> Result<()> {
    let router = Router::new().route("/events", post(receive)).with_state(Webhook { queue, token });
    axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await?;
    Ok(())
}

async fn receive(State(webhook): State<Webhook>, headers: HeaderMap, body: String) -> StatusCode {
    if !is_authorized(&headers, &webhook.token) {
        tracing::warn!("refused a notification without the right token");
        return StatusCode::UNAUTHORIZED;
    }
    match webhook.queue.send(&body).await {
        Ok(()) => {
            tracing::info!(bytes = body.len(), "queued a notification");
            StatusCode::OK
        }
        Err(error) => {
            let error = format!("{error:#}");
            tracing::warn!(error, "cannot queue a notification; the store will send it again");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Returns whether the request has the token. MinIO sends a token without spaces as `Bearer <token>`.
fn is_authorized(headers: &HeaderMap, token: &str) -> bool {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    sent.and_then(|value| value.strip_prefix("Bearer ")) == Some(token)
}
