//! The code that runs in the parent process: starts a child for each document, sends the document, reads an
//! answer of limited size, and ends the child in time.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::process::Signal;
use serde::Deserialize as _;
use tokio::io::{AsyncBufRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::protocol::{
    ARGUMENT, CPU_TIME, DRAW, ENVIRONMENT, Extracted, Image, MAX_IMAGE_BYTES, MAX_IMAGES, MAX_TEXT,
};

/// The longest time that sending a document may take, and the longest time that the answer may take after
/// that.
pub const TIMEOUT: Duration = Duration::from_secs(8);

// The soft limit ends a child that uses up its CPU time, and its signal tells the parent why. The hard limit
// is a second more.
const _: () = assert!(TIMEOUT.as_secs() > CPU_TIME.as_secs() + 1);

/// The largest answer about the text that is read, in bytes. JSON needs at most six bytes for a byte of text.
const MAX_ANSWER_BYTES: u64 = 6 * MAX_TEXT as u64 + 1024;

/// The most bytes of images that are read after that. Base64 needs four bytes for three, and quotation marks.
const MAX_IMAGES_BYTES: u64 = MAX_IMAGES as u64 * (MAX_IMAGE_BYTES as u64 / 3 * 4 + 8);

/// The reason why a child gave no answer about a document.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The child process could not be started.
    #[error("the process that reads documents could not be started: {0}")]
    Start(io::Error),
    /// The document could not be read from its source, or did not arrive in time.
    #[error("the document did not arrive: {0}")]
    Source(io::Error),
    /// The child did not answer in time, and still had CPU time: the machine was too busy.
    #[error("the document was not read in time")]
    Slow,
    /// The child used up its CPU time.
    #[error("reading the document takes too much CPU time")]
    Exhausted,
    /// The child ended without a complete answer: it crashed, or exceeded a limit other than CPU time.
    #[error("the process that read the document crashed, or exceeded a limit")]
    Crashed,
}

/// Extracts the text of documents, each in a child process of its own.
#[derive(Clone, Debug)]
pub struct Extractor {
    /// The absolute path of the program that runs as the child if its argument is [`ARGUMENT`].
    pub program: PathBuf,
    /// The time limit for sending a document, and the same limit for the answer. [`Self::new`] sets it to
    /// [`TIMEOUT`]. It must be longer than the CPU time of a child.
    pub timeout: Duration,
    /// Whether children make images of documents that have no text. [`Self::new`] sets it to false. Clones
    /// may differ in it.
    pub draws: bool,
    next: Arc<Mutex<Option<NextChild>>>,
}

/// A child that is already started for the next document, because starting a program takes longer than
/// reading most documents.
#[derive(Debug)]
struct NextChild {
    draws: bool,
    starting: JoinHandle<io::Result<Child>>,
}

impl Extractor {
    /// Uses children that run `program`, and waits for [`TIMEOUT`].
    pub fn new(program: PathBuf) -> Self {
        Self { program, timeout: TIMEOUT, draws: false, next: Arc::default() }
    }

    /// Extracts the text of one document. The document is streamed, so it is never in memory as a whole. In
    /// every case the child ends before this function returns.
    ///
    /// # Errors
    /// The child gave no answer. The variant says why.
    pub async fn read(&self, document: impl AsyncBufRead + Unpin) -> Result<Extracted, Error> {
        let mut child = self.take_child().await.map_err(Error::Start)?;
        let answer = self.exchange(&mut child, document).await;
        let signal = end_child(&mut child).await;
        if answer.is_ok() {
            // Starting a process blocks its thread. On another thread, it happens while this document is
            // classified.
            let (program, draws) = (self.program.clone(), self.draws);
            let starting = spawn_blocking(move || start_child(program, draws));
            *self.next.lock().await = Some(NextChild { draws, starting });
        }
        // The signal tells what happened, and not the time: on a busy machine a harmless document takes long,
        // too.
        if signal == Some(Signal::XCPU.as_raw()) { answer.map_err(|_| Error::Exhausted) } else { answer }
    }

    /// The child that is already started, if it makes images exactly if they are wanted, and still runs. Else
    /// a new one. A child that is not used ends when it is dropped.
    async fn take_child(&self) -> io::Result<Child> {
        let next = self.next.lock().await.take();
        if let Some(next) = next.filter(|next| next.draws == self.draws)
            && let Ok(Ok(mut child)) = next.starting.await
            && child.try_wait()?.is_none()
        {
            return Ok(child);
        }
        start_child(self.program.clone(), self.draws)
    }

    /// Sends the document, and then receives the answer.
    async fn exchange(
        &self,
        child: &mut Child,
        document: impl AsyncBufRead + Unpin,
    ) -> Result<Extracted, Error> {
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Crashed);
        };
        let timed_out = || Error::Source(io::ErrorKind::TimedOut.into());
        timeout(self.timeout, send(document, stdin))
            .await
            .map_err(|_| timed_out())?
            .map_err(Error::Source)?;
        let extracted = receive(stdout, self.timeout).await?;
        // A hostile document that has taken over its child could have it make images that nobody asked for.
        let images = if self.draws { extracted.images } else { Vec::new() };
        Ok(Extracted { images, ..extracted })
    }
}

fn start_child(program: PathBuf, draws: bool) -> io::Result<Child> {
    Command::new(program)
        .arg(ARGUMENT)
        .args(draws.then_some(DRAW))
        .env_clear()
        .envs(ENVIRONMENT)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
}

/// Ends a child, whether or not it has answered. Returns the signal that ended it, or `None` if it exited or
/// was ended by this function.
async fn end_child(child: &mut Child) -> Option<i32> {
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

/// Sends the document. A child that needs no more of it closes its end of the pipe, which is not an error.
async fn send(mut document: impl AsyncBufRead + Unpin, mut child: ChildStdin) -> io::Result<()> {
    match tokio::io::copy_buf(&mut document, &mut child).await {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => {
            // Closing the pipe tells the child that the document is complete. An error that interrupts the
            // document returns earlier.
            let _closed_by_child = child.shutdown().await;
            Ok(())
        }
    }
}

/// Receives the answer. It counts as soon as it is complete: a child that is then killed while it draws, or
/// is too slow, has only left out images.
async fn receive(child: ChildStdout, patience: Duration) -> Result<Extracted, Error> {
    let mut answer = Vec::new();
    let mut output = child.take(MAX_ANSWER_BYTES + MAX_IMAGES_BYTES);
    let ended = timeout(patience, output.read_to_end(&mut answer)).await;
    let failure = if ended.is_err() { Error::Slow } else { Error::Crashed };
    parse(&answer).ok_or(failure)
}

/// Parses an answer and the images after it. `None` if the answer is not complete, or has a longer text than
/// a child gives.
fn parse(answer: &[u8]) -> Option<Extracted> {
    let mut values = serde_json::Deserializer::from_slice(answer);
    let extracted = Extracted::deserialize(&mut values).ok().filter(|found| found.text.len() <= MAX_TEXT)?;
    let images = values.into_iter().map_while(Result::ok).filter(is_jpeg).take(MAX_IMAGES).collect();
    Some(Extracted { images, ..extracted })
}

/// Whether an image is what a child should answer: a hostile document could have taken it over.
fn is_jpeg(image: &Image) -> bool {
    let jpeg = STANDARD.decode(&image.0).unwrap_or_default();
    jpeg.starts_with(b"\xff\xd8\xff") && jpeg.len() <= MAX_IMAGE_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_limits_of_the_parent_are_the_actual_ones() {
        let text = include_str!("../../../docs/EXTRACTION.md");
        let mebibytes = (MAX_ANSWER_BYTES - 1024) / 1024 / 1024;
        for value in [
            format!("as much for the answer after that | {} s |", TIMEOUT.as_secs()),
            format!("and 1 KiB for the rest of the answer | {mebibytes} MiB |"),
        ] {
            assert!(text.contains(&value), "{value}");
        }
    }
}
