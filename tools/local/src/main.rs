//! The local runner: what AWS does before and between the functions, on a laptop. `local provision` makes bucket, queues and
//! notification; `local run` carries requests to the functions, notifications to the queue, messages to `classify` and the time
//! to `cleanup`; `local sandbox` keeps one process of a function alive.

mod backoff;
mod bucket;
mod config;
mod gateway;
mod lambda;
mod poller;
mod queue;
mod response;
mod routes;
mod sandbox;
mod schedule;
mod stop;
mod webhook;

use anyhow::{Context as _, Result, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::lambda::Lambda;
use crate::queue::Queue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    docuvault::telemetry::init()?;
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("provision") => provision(&Config::from_env()?).await,
        Some("run") => run(Config::from_env()?).await,
        Some("sandbox") => sandbox::run(config::Sandbox::from_env(arguments.collect())?).await,
        _ => bail!("usage: local provision | local run | local sandbox [command]"),
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
    let lambda = Lambda::new(&config.lambda_url)?;
    let webhook = bind(config.port, "the webhook").await?;
    let api = bind(config.api_port, "the API").await?;
    let gateway = gateway::serve(api, &config, lambda.clone(), stop.clone())?;
    let gateway = tokio::spawn(gateway);
    let webhook = tokio::spawn(webhook::serve(webhook, queue.clone(), config.token, stop.clone()));
    let schedule = tokio::spawn(schedule::run(lambda.clone(), config.cleanup_interval, stop.clone()));
    let dead_letters = tokio::spawn(poller::run(dead_letters, lambda.clone(), stop.clone()));
    let poller = tokio::spawn(poller::run(queue, lambda, stop));
    tracing::info!(port = config.port, "ready");
    signalled().await?;
    stopper.stop();
    poller.await?;
    dead_letters.await?;
    schedule.await?;
    gateway.await??;
    webhook.await?
}

async fn bind(port: u16, what: &str) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("port {port} for {what}"))
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
