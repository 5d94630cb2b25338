//! A function's built program at work.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

use crate::process;
use crate::requests::Request;
use crate::runtime::{PATIENCE, Runtime, Said};

pub use tests::runtime::Variables;
use tests::runtime::as_itself;

/// How long a program may take to ask for work.
const LONGEST_INIT: Duration = Duration::from_secs(20);

/// A program that waits for work; it ends with its owner.
pub struct Sandbox {
    runtime: Runtime,
    work: Option<oneshot::Sender<String>>,
    process: Child,
    log: PathBuf,
    /// Its process.
    pub pid: u32,
    /// From its start to its first question for work.
    pub init: Duration,
}

/// An answer, and how long it took.
pub struct Answer {
    /// As the function gave it to the runtime.
    pub body: serde_json::Value,
    /// From the event's departure to the answer's arrival.
    pub took: Duration,
}

impl Sandbox {
    /// Starts a program with these variables, as the one that its function is at the store. Its log lines go to a file, as expensive as Lambda's pipe.
    pub async fn start(programs: &Path, name: &str, variables: &Variables) -> Result<Self> {
        let runtime = Runtime::start().await?;
        let log = programs.join(format!("bench-{name}.log"));
        let file = File::create(&log)?;
        // The floor asks the store what `confirm` asks it.
        let identity = if name == "floor" { "confirm" } else { name };
        let mut command = Command::new(programs.join(name));
        command.env_clear().envs(as_itself(identity, variables)).kill_on_drop(true);
        command.envs([
            ("AWS_LAMBDA_FUNCTION_NAME", name),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_RUNTIME_API", &runtime.address),
        ]);
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let begun = Instant::now();
        let process = command.spawn().with_context(|| format!("{name} is not built"))?;
        let pid = process.id().context("it has ended")?;
        let mut sandbox = Self { runtime, work: None, process, log, pid, init: Duration::ZERO };
        sandbox.init = sandbox.wait(LONGEST_INIT).await? - begun;
        Ok(sandbox)
    }

    /// Has the program handle one event that must end as expected, and waits until it asks for more.
    pub async fn invoke(&mut self, request: &Request) -> Result<Answer> {
        let work = self.work.take().context("it has not asked for work")?;
        let begun = Instant::now();
        work.send(request.event.clone()).ok().context("it has ended")?;
        let (at, body) = match self.hear(PATIENCE).await? {
            Said::Answer(at, body) => (at, serde_json::from_slice::<serde_json::Value>(&body)?),
            Said::Error(body) => bail!("{}: {}", self.log.display(), String::from_utf8_lossy(&body)),
            Said::Next(..) => bail!("it asks for work without having answered"),
        };
        self.wait(PATIENCE).await?;
        if request.status.is_some_and(|status| body.get("statusCode") != Some(&status.into())) {
            bail!("{} was answered {body}", request.what);
        }
        Ok(Answer { body, took: at - begun })
    }

    /// CPU time so far, in nanoseconds.
    pub fn cpu_ns(&self) -> Result<u64> {
        process::cpu_ns(self.pid)
    }

    async fn wait(&mut self, patience: Duration) -> Result<Instant> {
        match self.hear(patience).await? {
            Said::Next(at, work) => {
                self.work = Some(work);
                Ok(at)
            }
            Said::Error(body) => bail!("{}: {}", self.log.display(), String::from_utf8_lossy(&body)),
            Said::Answer(..) => bail!("it answers without having been asked"),
        }
    }

    async fn hear(&mut self, patience: Duration) -> Result<Said> {
        let ended = tokio::select! {
            said = self.runtime.said.recv() => return said.context("the runtime has ended"),
            ended = self.process.wait() => format!("ended: {ended:?}"),
            () = tokio::time::sleep(patience) => "does not answer".into(),
        };
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        bail!("{} {ended}\n{}", self.log.display(), log.lines().last().unwrap_or_default());
    }
}
