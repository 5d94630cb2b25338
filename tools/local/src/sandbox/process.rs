//! One process of the function. Each process has its own Runtime API server, so that nothing of a process
//! that died can reach the next one.

use std::time::Duration;

use anyhow::Result;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::emulator::Event;
use super::runtime::{self, PendingEvent};

/// One day, which stands for no time limit.
const FOREVER: Duration = Duration::from_secs(86_400);

/// The outcome of an event.
pub enum Outcome {
    /// The process answered.
    Answered {
        /// The endpoint of the Runtime API that it called: `response` or `error`.
        endpoint: &'static str,
        /// The error type that it sent, if any.
        error_type: Option<String>,
        /// The body of its answer.
        body: Vec<u8>,
    },
    /// The process died, for this reason.
    Died(String),
}

/// Time limits of a process.
#[derive(Clone, Copy)]
pub struct Limits {
    /// The longest time from the start of the process until it first asks for an event. `None` means no
    /// limit.
    pub init: Option<Duration>,
    /// The longest time from an event to its answer.
    pub invocation: Duration,
}

/// A process of the function. It is killed when this value is dropped.
pub struct Process {
    /// The operating system's process, or the error if the program could not be started. The latter counts
    /// as a process that died at once.
    child: Result<Child, String>,
    limits: Limits,
    started: Instant,
    ready: watch::Receiver<bool>,
    events: mpsc::Sender<PendingEvent>,
    outcomes: mpsc::Receiver<Outcome>,
    server: JoinHandle<()>,
}

impl Process {
    /// Starts a process and its Runtime API server. Fails only if the server cannot be started.
    pub async fn start(mut command: Command, limits: Limits) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (ready_sender, ready) = watch::channel(false);
        let (events, event_receiver) = mpsc::channel(1);
        let (outcome_sender, outcomes) = mpsc::channel(1);
        let router = runtime::router(ready_sender, event_receiver, outcome_sender);
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        let child = command.env("AWS_LAMBDA_RUNTIME_API", address).kill_on_drop(true).spawn();
        let child = child.map_err(|error| format!("{:?}: {error}", command.as_std().get_program()));
        Ok(Self { child, limits, started: Instant::now(), ready, events, outcomes, server })
    }

    /// Waits until the process exits, and returns the reason. Kills it if it does not ask for an event in
    /// time.
    pub async fn wait_for_exit(&mut self) -> String {
        match self.wait_until_ready().await {
            Ok(()) => exit_reason(&mut self.child).await,
            Err(reason) => reason,
        }
    }

    /// Waits until the process has asked for an event. Fails if it exits or is killed first.
    async fn wait_until_ready(&mut self) -> Result<(), String> {
        let limit = self.limits.init.unwrap_or(FOREVER);
        tokio::select! {
            biased;
            _ = self.ready.wait_for(|ready| *ready) => return Ok(()),
            reason = exit_reason(&mut self.child) => return Err(reason),
            () = tokio::time::sleep_until(self.started + limit) => {}
        }
        self.kill().await;
        Err(format!("killed after {} s because it did not ask for work", limit.as_secs()))
    }

    async fn kill(&mut self) {
        if let Ok(child) = &mut self.child {
            drop(child.kill().await);
        }
    }

    /// Passes one event to the process and waits for the outcome. Kills the process if it does not answer in
    /// time.
    pub async fn run(&mut self, event: &Event) -> Outcome {
        if let Err(reason) = self.wait_until_ready().await {
            return Outcome::Died(reason);
        }
        let limit = self.limits.invocation;
        drop(self.events.send(PendingEvent::new(event, limit)).await);
        tokio::select! {
            biased;
            Some(outcome) = self.outcomes.recv() => outcome,
            reason = exit_reason(&mut self.child) => Outcome::Died(reason),
            () = tokio::time::sleep(limit) => {
                self.kill().await;
                Outcome::Died(format!("killed after {} s without an answer", limit.as_secs()))
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Waits until the child exits, and describes how: `signal: 9 (SIGKILL)`, `exit status: 1`.
async fn exit_reason(child: &mut Result<Child, String>) -> String {
    match child {
        Ok(child) => child.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string()),
        Err(reason) => reason.clone(),
    }
}
