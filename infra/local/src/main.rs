//! The local runner: what AWS does between the functions, on a laptop. `local provision` makes bucket, queues and
//! notification; `local run` carries notifications to the queue, messages to `classify` and the time to `cleanup`.

mod backoff;
mod bucket;
mod config;
mod lambda;
mod poller;
mod queue;
mod response;
mod schedule;
mod stop;
mod webhook;

use anyhow::{Context as _, Result, bail};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::lambda::Lambda;
use crate::queue::Queue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    docuvault::telemetry::init()?;
    let config = Config::from_env()?;
    match std::env::args().nth(1).as_deref() {
        Some("provision") => provision(&config).await,
        Some("run") => run(config).await,
        _ => bail!("usage: local provision | local run"),
    }
}

/// Makes what is missing and prints what functions must know of the queues.
#[expect(clippy::print_stdout, reason = "the names are the answer of the command")]
async fn provision(config: &Config) -> Result<()> {
    let (queue, dead_letters) = Queue::connect(config).await?;
    bucket::provision(config).await?;
    println!("QUEUE_URL={}\nDEAD_LETTER_QUEUE_ARN={}", queue.url(), dead_letters.arn());
    Ok(())
}

/// Runs until SIGTERM or SIGINT, and finishes the batch in hand before it ends.
async fn run(config: Config) -> Result<()> {
    let (stopper, stop) = stop::channel();
    let (queue, dead_letters) = Queue::connect(&config).await?;
    let lambda = Lambda::new(&config)?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", config.port))
        .await
        .with_context(|| format!("port {} for the webhook", config.port))?;
    let webhook = tokio::spawn(webhook::serve(listener, queue.clone(), config.token, stop.clone()));
    let schedule = tokio::spawn(schedule::run(lambda.clone(), config.cleanup_interval, stop.clone()));
    let dead_letters = tokio::spawn(poller::run(dead_letters, lambda.clone(), stop.clone()));
    let poller = tokio::spawn(poller::run(queue, lambda, stop));
    tracing::info!(port = config.port, "ready");
    signalled().await?;
    stopper.stop();
    poller.await?;
    dead_letters.await?;
    schedule.await?;
    webhook.await?
}

/// Waits for whoever started us to end us.
async fn signalled() -> Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
