//! Runs a function's built program.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

use crate::process;
use crate::requests::Request;
use crate::runtime::{Runtime, RuntimeCall, TIMEOUT};

use tests::functions::with_own_credentials;
pub use tests::sandbox::Variables;

/// The longest init: the time until a program asks for its first event.
const MAX_INIT: Duration = Duration::from_secs(20);

/// A program that waits for an event. Dropping it ends the program.
pub struct Sandbox {
    runtime: Runtime,
    work: Option<oneshot::Sender<String>>,
    process: Child,
    log: PathBuf,
    /// The process id.
    pub pid: u32,
    /// The time from the start to the first request for an event.
    pub init: Duration,
}

/// An answer and its time.
pub struct Answer {
    /// The answer that the function sent to the Runtime API.
    pub body: serde_json::Value,
    /// The time from sending the event to receiving the answer.
    pub took: Duration,
}

impl Sandbox {
    /// Starts a program with these variables and with its own user at the store. Its log goes to a file,
    /// which costs the program about as much as Lambda's pipe.
    pub async fn start(programs: &Path, name: &str, variables: &Variables) -> Result<Self> {
        Self::start_with_command(Command::new(programs.join(name)), programs, name, variables).await
    }

    /// Does the same as `start`, but starts the program with this command. It may run the program under a
    /// tool such as valgrind.
    pub async fn start_with_command(
        mut command: Command,
        programs: &Path,
        name: &str,
        variables: &Variables,
    ) -> Result<Self> {
        let runtime = Runtime::start().await?;
        let log = programs.join(format!("bench-{name}.log"));
        let file = File::create(&log)?;
        // The floor needs the rights of `confirm`.
        let store_user = if name == "floor" { "confirm" } else { name };
        command.env_clear().envs(with_own_credentials(store_user, variables)).kill_on_drop(true);
        command.envs([
            ("AWS_LAMBDA_FUNCTION_NAME", name),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_RUNTIME_API", &runtime.address),
        ]);
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let begun = Instant::now();
        let process = command.spawn().with_context(|| format!("{name} is not built"))?;
        let pid = process.id().context("the program has ended")?;
        let mut sandbox = Self { runtime, work: None, process, log, pid, init: Duration::ZERO };
        sandbox.init = sandbox.wait_for_next(MAX_INIT).await? - begun;
        Ok(sandbox)
    }

    /// Gives the program one event, checks the answer's status, and waits until the program asks for the next
    /// event.
    pub async fn invoke(&mut self, request: &Request) -> Result<Answer> {
        let work = self.work.take().context("the program has not asked for an event")?;
        let begun = Instant::now();
        work.send(request.event.clone()).ok().context("the program has ended")?;
        let (at, body) = match self.next_call(TIMEOUT).await? {
            RuntimeCall::Answer(at, body) => (at, serde_json::from_slice::<serde_json::Value>(&body)?),
            RuntimeCall::Error(body) => bail!("{}: {}", self.log.display(), String::from_utf8_lossy(&body)),
            RuntimeCall::Next(..) => bail!("the program asks for an event before it has answered"),
        };
        self.wait_for_next(TIMEOUT).await?;
        if request.status.is_some_and(|status| body.get("statusCode") != Some(&status.into())) {
            bail!("{} got the answer {body}", request.what);
        }
        Ok(Answer { body, took: at - begun })
    }

    /// Returns the CPU time so far, in nanoseconds.
    pub fn cpu_ns(&self) -> Result<u64> {
        process::cpu_ns(self.pid)
    }

    async fn wait_for_next(&mut self, timeout: Duration) -> Result<Instant> {
        match self.next_call(timeout).await? {
            RuntimeCall::Next(at, work) => {
                self.work = Some(work);
                Ok(at)
            }
            RuntimeCall::Error(body) => bail!("{}: {}", self.log.display(), String::from_utf8_lossy(&body)),
            RuntimeCall::Answer(..) => bail!("the program answers without an event"),
        }
    }

    async fn next_call(&mut self, timeout: Duration) -> Result<RuntimeCall> {
        let ended = tokio::select! {
            call = self.runtime.calls.recv() => return call.context("the Runtime API has ended"),
            ended = self.process.wait() => format!("ended: {ended:?}"),
            () = tokio::time::sleep(timeout) => "did not call the Runtime API in time".into(),
        };
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        bail!("{} {ended}\n{}", self.log.display(), log.lines().last().unwrap_or_default());
    }
}
