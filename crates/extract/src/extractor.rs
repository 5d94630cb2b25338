//! The parent's side: starts a child for each document, sends it the document, reads a bounded answer, and
//! ends it in time.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::{AsyncBufRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::protocol::{ARGUMENT, CPU_TIME, ENVIRONMENT, Extracted, MAX_TEXT};

/// How long the bytes of a document may take to arrive, and how long after that the answer. An invocation
/// needs time for both.
pub const PATIENCE: Duration = Duration::from_secs(8);

// A child that uses up its CPU time ends by itself, so that the parent learns why. Its hard limit is a second
// more.
const _: () = assert!(PATIENCE.as_secs() > CPU_TIME.as_secs() + 1);

/// The longest answer that is read, in bytes: no text is longer as JSON.
const MAX_ANSWER: u64 = 6 * MAX_TEXT as u64 + 1024;

/// Why a document could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No child could be started.
    #[error("the program that reads documents does not start: {0}")]
    Start(io::Error),
    /// The bytes of the document did not arrive.
    #[error("the document did not arrive: {0}")]
    Source(io::Error),
    /// No answer came in time, while the child had CPU time left: the machine was too busy.
    #[error("no answer in time")]
    Slow,
    /// The child used up its CPU time.
    #[error("no answer within the limit of CPU time")]
    Exhausted,
    /// The child ended without a whole answer: it crashed, or met a limit.
    #[error("no answer")]
    Crashed,
}

/// Reads documents, each by a child of its own.
#[derive(Clone, Debug)]
pub struct Extractor {
    /// The program that takes [`ARGUMENT`]: an absolute path.
    pub program: PathBuf,
    /// See [`PATIENCE`]. It must be longer than the child's CPU time.
    pub patience: Duration,
    next: Next,
}

/// A child that waits for the next document: a program takes longer to start than most documents to read.
type Next = Arc<Mutex<Option<JoinHandle<io::Result<Child>>>>>;

impl Extractor {
    /// Reads by children that run `program`, with [`PATIENCE`].
    pub fn new(program: PathBuf) -> Self {
        Self { program, patience: PATIENCE, next: Next::default() }
    }

    /// Reads one document. The document is never held as a whole, and whatever happens, the child ends before
    /// this returns.
    ///
    /// # Errors
    /// The child gave no answer; the variant says why.
    pub async fn read(&self, document: impl AsyncBufRead + Unpin) -> Result<Extracted, Error> {
        let mut child = self.child().await.map_err(Error::Start)?;
        let answer = self.converse(&mut child, document).await;
        let signal = end(&mut child).await;
        if answer.is_ok() {
            // Starting a process blocks its thread. On another one it overlaps with the classification of
            // this document.
            let program = self.program.clone();
            *self.next.lock().await = Some(spawn_blocking(|| start(program)));
        }
        // The signal decides, and not the clock: on a busy machine an honest document takes long, too.
        if signal == Some(Signal::XCPU.as_raw()) { answer.map_err(|_| Error::Exhausted) } else { answer }
    }

    /// The waiting child, if it still runs, or a new one.
    async fn child(&self) -> io::Result<Child> {
        let next = self.next.lock().await.take();
        if let Some(next) = next
            && let Ok(Ok(mut child)) = next.await
            && child.try_wait()?.is_none()
        {
            return Ok(child);
        }
        start(self.program.clone())
    }

    async fn converse(
        &self,
        child: &mut Child,
        document: impl AsyncBufRead + Unpin,
    ) -> Result<Extracted, Error> {
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Crashed);
        };
        let late = || Error::Source(io::ErrorKind::TimedOut.into());
        timeout(self.patience, send(document, stdin)).await.map_err(|_| late())?.map_err(Error::Source)?;
        timeout(self.patience, receive(stdout)).await.map_err(|_| Error::Slow)?
    }
}

fn start(program: PathBuf) -> io::Result<Child> {
    Command::new(program)
        .arg(ARGUMENT)
        .env_clear()
        .envs(ENVIRONMENT)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
}

/// Ends a child, whether or not it has answered. Returns the signal that had ended it before; none if this
/// kill did, or if it exited.
async fn end(child: &mut Child) -> Option<i32> {
    let ended = match child.start_kill() {
        Ok(()) => child.wait().await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(status) => status.signal().filter(|signal| *signal != Signal::KILL.as_raw()),
        Err(error) => {
            tracing::error!(%error, "the child process that reads a document cannot be ended");
            None
        }
    }
}

/// Passes the bytes on as they come. A child that needs no more of them closes its end.
async fn send(mut document: impl AsyncBufRead + Unpin, mut child: ChildStdin) -> io::Result<()> {
    match tokio::io::copy_buf(&mut document, &mut child).await {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => {
            // Closing the pipe marks the end of the document, so only a document that arrived whole gets
            // there.
            let _closed_by_child = child.shutdown().await;
            Ok(())
        }
    }
}

async fn receive(child: ChildStdout) -> Result<Extracted, Error> {
    let mut answer = Vec::new();
    child.take(MAX_ANSWER).read_to_end(&mut answer).await.map_err(|_| Error::Crashed)?;
    serde_json::from_slice(&answer).map_err(|_| Error::Crashed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_limits_of_the_parent_are_the_actual_ones() {
        let text = include_str!("../../../docs/EXTRACTION.md");
        let mebibytes = (MAX_ANSWER - 1024) / 1024 / 1024;
        for value in [
            format!("as much for the answer after that | {} s |", PATIENCE.as_secs()),
            format!("and 1 KiB for the rest of the answer | {mebibytes} MiB |"),
        ] {
            assert!(text.contains(&value), "{value}");
        }
    }
}
