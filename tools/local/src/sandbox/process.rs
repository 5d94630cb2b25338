//! One process of the function, with a Runtime API of its own: what belonged to a process that died reaches no other.

use std::time::Duration;

use anyhow::Result;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::emulator::Invocation;
use super::runtime::{self, Work};

/// A day, which stands for no limit.
const FOREVER: Duration = Duration::from_secs(86_400);

/// What became of an invocation.
pub enum Outcome {
    /// The process answered.
    Answered {
        /// `response` or `error`.
        what: &'static str,
        /// The kind of error, where there is one.
        kind: Option<String>,
        /// As it was sent.
        body: Vec<u8>,
    },
    /// The process is gone, and why.
    Died(String),
}

/// How long a process has.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Until it first asks for work, if that is limited.
    pub init: Option<Duration>,
    /// For each answer.
    pub answer: Duration,
}

/// A child that is killed when this is dropped, or why there is none: what can't be started has died at once.
pub struct Process {
    child: Result<Child, String>,
    limits: Limits,
    started: Instant,
    begun: watch::Receiver<bool>,
    work: mpsc::Sender<Work>,
    outcomes: mpsc::Receiver<Outcome>,
    server: JoinHandle<()>,
}

impl Process {
    /// Starts it. Fails where it can't be given a Runtime API.
    pub async fn start(mut command: Command, limits: Limits) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (told, begun) = watch::channel(false);
        let (work, taken) = mpsc::channel(1);
        let (answered, outcomes) = mpsc::channel(1);
        let router = runtime::router(told, taken, answered);
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        let child = command.env("AWS_LAMBDA_RUNTIME_API", address).kill_on_drop(true).spawn();
        let child = child.map_err(|error| format!("{:?}: {error}", command.as_std().get_program()));
        Ok(Self { child, limits, started: Instant::now(), begun, work, outcomes, server })
    }

    /// Waits for its end, and makes an end of it when it has not asked for work in time.
    pub async fn ended(&mut self) -> String {
        match self.begun().await {
            Ok(()) => end(&mut self.child).await,
            Err(reason) => reason,
        }
    }

    /// Waits until it has asked for work; an error is why it never will.
    async fn begun(&mut self) -> Result<(), String> {
        let time = self.limits.init.unwrap_or(FOREVER);
        tokio::select! {
            biased;
            _ = self.begun.wait_for(|begun| *begun) => return Ok(()),
            reason = end(&mut self.child) => return Err(reason),
            () = tokio::time::sleep_until(self.started + time) => {}
        }
        self.kill().await;
        Err(format!("killed after {} s in which it did not ask for work", time.as_secs()))
    }

    async fn kill(&mut self) {
        if let Ok(child) = &mut self.child {
            drop(child.kill().await);
        }
    }

    /// Hands out one invocation once the process asks for work, and waits for what becomes of it.
    pub async fn run(&mut self, invocation: &Invocation) -> Outcome {
        if let Err(reason) = self.begun().await {
            return Outcome::Died(reason);
        }
        let limit = self.limits.answer;
        drop(self.work.send(Work::new(invocation, limit)).await);
        tokio::select! {
            biased;
            Some(outcome) = self.outcomes.recv() => outcome,
            reason = end(&mut self.child) => Outcome::Died(reason),
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

/// Waits for its end: `signal: 9 (SIGKILL)`, `exit status: 1`.
async fn end(child: &mut Result<Child, String>) -> String {
    match child {
        Ok(child) => child.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string()),
        Err(reason) => reason.clone(),
    }
}
