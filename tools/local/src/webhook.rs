//! `POST /events`: the store's notifications to the queue. 200 only when the queue has the message; until then the store
//! keeps it in its own queue folder and comes again.

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use tokio::net::TcpListener;

use crate::queue::Queue;
use crate::stop::Stop;

#[derive(Clone)]
struct Webhook {
    queue: Queue,
    token: String,
}

/// Serves until it is stopped.
pub async fn serve(listener: TcpListener, queue: Queue, token: String, stop: Stop) -> Result<()> {
    let router = Router::new().route("/events", post(take)).with_state(Webhook { queue, token });
    axum::serve(listener, router).with_graceful_shutdown(async move { stop.asked().await }).await?;
    Ok(())
}

async fn take(State(webhook): State<Webhook>, headers: HeaderMap, body: String) -> StatusCode {
    if !is_authorized(&headers, &webhook.token) {
        tracing::warn!("a notification without the token was refused");
        return StatusCode::UNAUTHORIZED;
    }
    match webhook.queue.send(&body).await {
        Ok(()) => {
            tracing::info!(bytes = body.len(), "event");
            StatusCode::OK
        }
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "the queue did not take an event; the store will send it again"
            );
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// MinIO sends a token of one word as `Bearer <token>`.
fn is_authorized(headers: &HeaderMap, token: &str) -> bool {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    sent.and_then(|value| value.strip_prefix("Bearer ")) == Some(token)
}
