//! The sandbox: runs one process of a function under the emulator, and restarts it when it dies.
//!
//! If a process dies during an invocation, its caller gets an error at once, as on AWS. Without the sandbox
//! the caller would wait until it gives up. And the emulator counts dead processes as running: once as many
//! have died as it may start, it never answers for that function again.

mod emulator;
mod process;
mod runtime;

use anyhow::Result;
use docuvault::limits::{API_FUNCTION_TIMEOUT, FUNCTION_TIMEOUT};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

use crate::backoff::Backoff;
use crate::config::SandboxConfig;
use crate::routes;
use emulator::Emulator;
use process::{Limits, Outcome, Process};

/// Runs until SIGTERM, or until the emulator is gone. The function's process is then killed.
pub async fn run(config: SandboxConfig) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        result = supervise(&config) => result,
    }
}

/// Runs one process after the other. The pauses between them grow until one answers an event.
async fn supervise(config: &SandboxConfig) -> Result<()> {
    let mut backoff = Backoff::new();
    let emulator = Emulator::new(config)?;
    let mut next = Box::pin(emulator.next());
    loop {
        let mut process = Process::start(build_command(config), time_limits(config)?).await?;
        let reason = loop {
            let event = tokio::select! {
                biased;
                event = &mut next => event?,
                reason = process.wait_for_exit() => break reason,
            };
            let outcome = process.run(&event).await;
            emulator.report(&event.id, &outcome).await;
            next.set(emulator.next());
            match outcome {
                Outcome::Answered { .. } => backoff = Backoff::new(),
                Outcome::Died(reason) => break reason,
            }
        };
        tracing::error!(function = config.name, reason, "a function's process died; the next one is started");
        tokio::time::sleep(backoff.next_pause()).await;
    }
}

/// Returns the time limits. If the sandbox runs cargo, the start is not limited: cargo builds first.
fn time_limits(config: &SandboxConfig) -> Result<Limits> {
    let is_http = routes::all()?.iter().any(|route| route.function == config.name);
    let default = if is_http { API_FUNCTION_TIMEOUT } else { FUNCTION_TIMEOUT };
    let invocation = config.timeout.unwrap_or(default);
    Ok(Limits { init: config.command.is_empty().then_some(config.init_timeout), invocation })
}

/// Returns the configured command, or else the function's program.
fn build_command(config: &SandboxConfig) -> Command {
    match config.command.split_first() {
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments);
            command
        }
        None => Command::new(config.programs.join(&config.name)),
    }
}
