//! The local runner: the parts of AWS that call the functions, for a developer's machine.
//!
//! - `local provision` creates the bucket, its notification and the queues.
//! - `local run` passes HTTP requests to the functions, notifications to the queue and messages to
//!   `classify`, and calls `cleanup` and `mail` on their schedules.
//! - `local sandbox` runs one process of a function and restarts it when it dies.

mod backoff;
mod batch_response;
mod bucket;
mod config;
mod gateway;
mod lambda;
mod poller;
mod queue;
mod routes;
mod sandbox;
mod schedule;
mod webhook;

use anyhow::{Context as _, Result, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::{Config, SandboxConfig};
use crate::lambda::Lambda;
use crate::queue::Queue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    docuvault::telemetry::init(None)?;
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("provision") => provision(&Config::from_env()?).await,
        Some("run") => run(Config::from_env()?).await,
        Some("sandbox") => sandbox::run(SandboxConfig::from_env(arguments.collect())?).await,
        _ => bail!("usage: local provision | local run | local sandbox [command]"),
    }
}

/// Creates what is missing, and prints the settings of the queues for the functions.
#[expect(clippy::print_stdout, reason = "the settings are the output of the command")]
async fn provision(config: &Config) -> Result<()> {
    let (queue, dead_letters) = Queue::connect(config).await?;
    bucket::provision(config).await?;
    println!("QUEUE_URL={}\nDEAD_LETTER_QUEUE_ARN={}", queue.url(), dead_letters.arn());
    Ok(())
}

/// Runs until SIGTERM or SIGINT. Finishes batches that `classify` is working on before it returns.
async fn run(config: Config) -> Result<()> {
    let shutdown = CancellationToken::new();
    let (queue, dead_letters) = Queue::connect(&config).await?;
    let lambda = Lambda::new(&config.lambda_url)?;
    let webhook = listen_on(config.port, "the webhook").await?;
    let api = listen_on(config.api_port, "the API").await?;
    let gateway = tokio::spawn(gateway::serve(api, &config, lambda.clone(), shutdown.clone())?);
    let webhook = tokio::spawn(webhook::serve(webhook, queue.clone(), config.token, shutdown.clone()));
    let [cleanup, mail] =
        [("cleanup", config.cleanup_interval), ("mail", config.mail_interval)].map(|(function, interval)| {
            tokio::spawn(schedule::run(lambda.clone(), function, interval, shutdown.clone()))
        });
    let dead_letters = tokio::spawn(poller::run(dead_letters, lambda.clone(), shutdown.clone()));
    let poller = tokio::spawn(poller::run(queue, lambda, shutdown.clone()));
    tracing::info!(api_port = config.api_port, webhook_port = config.port, "the local runner is ready");
    wait_for_signal().await?;
    shutdown.cancel();
    poller.await?;
    dead_letters.await?;
    cleanup.await?;
    mail.await?;
    gateway.await??;
    webhook.await?
}

async fn listen_on(port: u16, what: &str) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("cannot listen on port {port} for {what}"))
}

/// Waits for SIGTERM or SIGINT.
async fn wait_for_signal() -> Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
