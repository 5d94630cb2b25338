//! The schedule to `cleanup`, with the event that `EventBridge` Scheduler sends.

use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::MissedTickBehavior;

use crate::backoff::Backoff;
use crate::lambda::{Answer, Lambda};
use crate::stop::Stop;

/// Calls at once, since a queue without a disk may have lost messages that only the sweep finds, and then at the interval.
pub async fn run(lambda: Lambda, interval: Duration, stop: Stop) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.asked() => return,
            _ = ticks.tick() => call(&lambda, &stop).await,
        }
    }
}

/// One run, tried again until a function is reached; one that failed waits for its next turn.
async fn call(lambda: &Lambda, stop: &Stop) {
    let mut backoff = Backoff::new();
    while !stop.is_asked() {
        match lambda.invoke("cleanup", &event(OffsetDateTime::now_utc())).await {
            Ok(Answer::Returned(_)) => return tracing::info!("cleanup"),
            Ok(Answer::Failed(reason)) => return tracing::warn!(reason, "cleanup failed"),
            Err(error) => tracing::warn!(%error, "functions can't be reached"),
        }
        backoff.pause(stop).await;
    }
}

fn event(now: OffsetDateTime) -> Value {
    json!({
        "version": "0",
        "id": uuid::Uuid::new_v4(),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "time": now.truncate_to_second().format(&Rfc3339).unwrap_or_default(),
        "region": "us-east-1",
        "resources": ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/cleanup"],
        "detail": "{}",
    })
}
