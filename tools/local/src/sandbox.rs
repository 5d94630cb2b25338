//! One sandbox: stands between the emulator and one process of a function, and starts the process anew when it dies. Whoever
//! waits for a process that died is told at once, as on AWS; the emulator by itself would leave it waiting, and once as many
//! processes had died as it may start, would never answer for that function again.

mod emulator;
mod process;
mod runtime;

use anyhow::Result;
use docuvault::limits::{API_FUNCTION_TIMEOUT, FUNCTION_TIMEOUT};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

use crate::backoff::Backoff;
use crate::config::Sandbox;
use crate::routes;
use emulator::Emulator;
use process::{Limits, Outcome, Process};

/// Runs until it is asked to end, or until the emulator is gone; the process ends with it.
pub async fn run(config: Sandbox) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        ended = supervise(&config) => ended,
    }
}

/// One process after the other, with pauses that grow until something is answered.
async fn supervise(config: &Sandbox) -> Result<()> {
    let mut backoff = Backoff::new();
    let emulator = Emulator::new(config)?;
    let mut next = Box::pin(emulator.next());
    loop {
        let mut process = Process::start(command(config), limits(config)?).await?;
        let reason = loop {
            let invocation = tokio::select! {
                biased;
                invocation = &mut next => invocation?,
                reason = process.ended() => break reason,
            };
            let outcome = process.run(&invocation).await;
            emulator.report(&invocation.id, &outcome).await;
            next.set(emulator.next());
            match outcome {
                Outcome::Answered { .. } => backoff = Backoff::new(),
                Outcome::Died(reason) => break reason,
            }
        };
        tracing::error!(function = config.name, reason, "a function's process died; the next one is started");
        tokio::time::sleep(backoff.take()).await;
    }
}

/// Where the command is cargo, it builds first, for as long as that takes.
fn limits(config: &Sandbox) -> Result<Limits> {
    let is_http = routes::all()?.iter().any(|route| route.function == config.name);
    let answer = config.timeout.unwrap_or(if is_http { API_FUNCTION_TIMEOUT } else { FUNCTION_TIMEOUT });
    Ok(Limits { init: config.command.is_empty().then_some(config.init_timeout), answer })
}

/// What we were told to run; else the program that bears the function's name.
fn command(config: &Sandbox) -> Command {
    match config.command.split_first() {
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments);
            command
        }
        None => Command::new(config.programs.join(&config.name)),
    }
}
