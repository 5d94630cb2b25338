//! One process of the function, with a Runtime API of its own: what belonged to a process that died reaches no other.

use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::emulator::Invocation;
use super::runtime::{self, Work};

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

/// A child that is killed when this is dropped.
pub struct Process {
    child: Child,
    limit: Duration,
    begun: watch::Receiver<bool>,
    work: mpsc::Sender<Work>,
    outcomes: mpsc::Receiver<Outcome>,
    server: JoinHandle<()>,
}

impl Process {
    /// Starts it; what it is given to do, it has to answer within the limit.
    pub async fn start(mut command: Command, limit: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (told, begun) = watch::channel(false);
        let (work, taken) = mpsc::channel(1);
        let (answered, outcomes) = mpsc::channel(1);
        let router = runtime::router(told, taken, answered);
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        let child = command.env("AWS_LAMBDA_RUNTIME_API", address).kill_on_drop(true).spawn();
        let child = child.with_context(|| format!("{:?}", command.as_std().get_program()))?;
        Ok(Self { child, limit, begun, work, outcomes, server })
    }

    /// Whether it has ever asked for work.
    pub fn has_begun(&self) -> bool {
        *self.begun.borrow()
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> String {
        reason(self.child.wait().await)
    }

    /// Hands out one invocation once the process asks for work, and waits for what becomes of it.
    pub async fn run(&mut self, invocation: &Invocation) -> Outcome {
        let began = self.begun.wait_for(|begun| *begun);
        tokio::select! {
            _ = began => {}
            status = self.child.wait() => return Outcome::Died(reason(status)),
        }
        drop(self.work.send(Work::new(invocation, self.limit)).await);
        tokio::select! {
            biased;
            Some(outcome) = self.outcomes.recv() => outcome,
            status = self.child.wait() => Outcome::Died(reason(status)),
            () = tokio::time::sleep(self.limit) => {
                drop(self.child.kill().await);
                Outcome::Died(format!("killed after {} s without an answer", self.limit.as_secs()))
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// `signal: 9 (SIGKILL)`, `exit status: 1`
fn reason(status: std::io::Result<ExitStatus>) -> String {
    status.map_or_else(|error| error.to_string(), |status| status.to_string())
}
