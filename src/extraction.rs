//! Text out of documents that nobody vouches for. A child process reads them, with hard limits and without our environment;
//! this side only feeds it, listens for a bounded answer, and ends it in time.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

/// The argument that has the program read one document instead of serving.
pub const ARGUMENT: &str = "extract";

/// All of the child's environment. Without it the allocator reserves address space anew for each thread: half of what the child may
/// have.
pub const ENVIRONMENT: [(&str, &str); 1] = [("MALLOC_ARENA_MAX", "1")];

/// The most text that a document gives, in bytes.
pub const MOST_TEXT: usize = 1024 * 1024;

/// The most that is read of an answer, in bytes: no text is longer as JSON.
const MOST_ANSWER: u64 = 6 * MOST_TEXT as u64 + 1024;

/// What a document is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are called what they are")]
pub enum Format {
    Pdf,
    Docx,
    Xlsx,
    Pptx,
    /// Office of before 2007, and what of later Office has a password.
    Office97,
    Odt,
    Ods,
    Odp,
    Rtf,
    Html,
    Email,
    Xml,
    /// Plain text of any kind, such as Markdown, CSV and JSON.
    Text,
    Image,
    Unknown,
}

/// Why a document gives no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutText {
    /// None was found: a scan, an empty file, or one that is cut before its first word.
    NoText,
    /// It is a picture.
    Image,
    /// It needs a password.
    Encrypted,
    /// It is of a format that is not read.
    UnknownFormat,
    /// It is larger than what is fetched.
    TooLarge,
    /// It is not what it begins as.
    Damaged,
}

impl WithoutText {
    /// As the database and the API write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoText => "no_text",
            Self::Image => "image",
            Self::Encrypted => "encrypted",
            Self::UnknownFormat => "unknown_format",
            Self::TooLarge => "too_large",
            Self::Damaged => "damaged",
        }
    }
}

/// What was read of a document.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// What it is.
    pub format: Format,
    /// [`MOST_TEXT`] bytes at most; empty where there is none.
    pub text: String,
    /// Whether a part of the document was not read. That part may have text.
    pub truncated: bool,
    /// Why the text is empty, where it is.
    pub without_text: Option<WithoutText>,
}

/// Why a document could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No child could be started.
    #[error("the program that reads documents does not start: {0}")]
    Start(io::Error),
    /// The document's bytes did not arrive.
    #[error("the document did not arrive: {0}")]
    Source(io::Error),
    /// No answer came in time, while the child had CPU time left: the machine was too busy for it.
    #[error("no answer in time")]
    Slow,
    /// The child used up its CPU time.
    #[error("no answer within the CPU time there is")]
    Exhausted,
    /// The child ended without a whole answer: it crashed, or met a limit.
    #[error("no answer")]
    Crashed,
}

/// Reads documents by children of its own.
#[derive(Clone, Debug)]
pub struct Extractor {
    /// The program that takes [`ARGUMENT`]: an absolute path.
    pub program: PathBuf,
    /// How long the bytes may take to arrive, and how long after that the answer. Longer than the child's CPU time.
    pub patience: Duration,
    next: Next,
}

/// A child that waits for the next document: a program takes longer to start than most documents to read.
type Next = Arc<Mutex<Option<JoinHandle<io::Result<Child>>>>>;

impl Extractor {
    /// With the patience that leaves time for the rest of an invocation.
    pub fn new(program: PathBuf) -> Self {
        Self { program, patience: Duration::from_secs(8), next: Next::default() }
    }

    /// Reads one document, by a child that reads no other. The document is never held as a whole, and whatever happens, the child
    /// ends before this does.
    ///
    /// # Errors
    /// No text came of it, and why.
    pub async fn read(&self, document: impl AsyncBufRead + Unpin) -> Result<Extracted, Failure> {
        let mut child = self.child().await.map_err(Failure::Start)?;
        let answer = self.converse(&mut child, document).await;
        let ended_by = end(&mut child).await;
        if answer.is_ok() {
            // On a thread of its own, which it holds up, while this document is classified.
            let program = self.program.clone();
            *self.next.lock().await = Some(spawn_blocking(|| start(program)));
        }
        // However long it took by the clock: on a busy machine an honest document takes long, too.
        if ended_by == Some(Signal::XCPU.as_raw()) { answer.map_err(|_| Failure::Exhausted) } else { answer }
    }

    /// The one that waits, if it still does, or a new one.
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
    ) -> Result<Extracted, Failure> {
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::Crashed);
        };
        let late = || Failure::Source(io::ErrorKind::TimedOut.into());
        timeout(self.patience, feed(document, stdin)).await.map_err(|_| late())?.map_err(Failure::Source)?;
        timeout(self.patience, listen(stdout)).await.map_err(|_| Failure::Slow)?
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

/// Ends a child: what has answered is done; what has not must not go on. The signal that ended it, unless it was ours or none.
async fn end(child: &mut Child) -> Option<i32> {
    let ended = match child.start_kill() {
        Ok(()) => child.wait().await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(status) => status.signal().filter(|signal| *signal != Signal::KILL.as_raw()),
        Err(error) => {
            tracing::error!(%error, "a child that can't be ended");
            None
        }
    }
}

/// Passes the bytes on as they come. A child that has seen enough closes its end.
async fn feed(mut document: impl AsyncBufRead + Unpin, mut child: ChildStdin) -> io::Result<()> {
    match tokio::io::copy_buf(&mut document, &mut child).await {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => {
            // The end of the pipe is what ends the document: only here, where all of it has passed.
            let _seen_enough = child.shutdown().await;
            Ok(())
        }
    }
}

async fn listen(child: ChildStdout) -> Result<Extracted, Failure> {
    let mut answer = Vec::new();
    child.take(MOST_ANSWER).read_to_end(&mut answer).await.map_err(|_| Failure::Crashed)?;
    serde_json::from_slice(&answer).map_err(|_| Failure::Crashed)
}
