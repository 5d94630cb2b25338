//! Calls functions on a schedule, with the event that `EventBridge` Scheduler sends.

use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::lambda::{Invocation, Lambda};

/// Calls a function at once and then after each interval, until the shutdown begins.
///
/// The first call is immediate because moto loses its messages when it restarts, and only the sweep of
/// `cleanup` sends them again.
pub async fn run(lambda: Lambda, function: &'static str, interval: Duration, shutdown: CancellationToken) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => call(&lambda, function, &shutdown).await,
        }
    }
}

/// Calls a function once, with retries until the emulator can be reached. A run that failed is not retried.
async fn call(lambda: &Lambda, function: &str, shutdown: &CancellationToken) {
    let mut backoff = Backoff::new();
    while !shutdown.is_cancelled() {
        match lambda.invoke(function, &build_event(function, OffsetDateTime::now_utc())).await {
            Ok(Invocation::Returned(_)) => {
                return tracing::info!(function, "the schedule has called a function");
            }
            Ok(Invocation::Failed(reason)) => {
                return tracing::warn!(function, reason, "a scheduled call failed");
            }
            Err(error) => tracing::warn!(function, %error, "cannot reach the functions; the call is retried"),
        }
        backoff.pause(shutdown).await;
    }
}

fn build_event(function: &str, now: OffsetDateTime) -> Value {
    json!({
        "version": "0",
        "id": uuid::Uuid::new_v4(),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "time": now.truncate_to_second().format(&Rfc3339).unwrap_or_default(),
        "region": "us-east-1",
        "resources": [format!("arn:aws:scheduler:us-east-1:123456789012:schedule/default/{function}")],
        "detail": "{}",
    })
}
