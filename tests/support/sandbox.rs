//! Runs a function's built program as Lambda does.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};

use crate::functions::{program_folder, with_own_credentials};
use crate::runtime_api::{Invocation, Outcome, RuntimeApi};
use crate::vault::FACTOR_KEY;
use crate::{Environment, SECRET, TestVault, WEB_ORIGIN};

/// The timeout of the functions.
const TIMEOUT: Duration = Duration::from_secs(90);

/// The environment variables of a function.
pub type Variables = BTreeMap<&'static str, String>;

/// The built program of a function, and a Runtime API that gives it events. Dropping it ends the program.
pub struct Sandbox {
    events: mpsc::UnboundedSender<Invocation>,
    server: tokio::task::JoinHandle<()>,
    process: Child,
    log: Arc<std::sync::Mutex<String>>,
}

impl Sandbox {
    /// Starts the program with exactly these variables, and with the function's own credentials.
    pub async fn start(function: &str, variables: &Variables) -> Self {
        Self::start_with_timeout(function, variables, TIMEOUT).await
    }

    /// Starts the program. The deadline of each invocation is `timeout` from its start.
    pub async fn start_with_timeout(function: &str, variables: &Variables, timeout: Duration) -> Self {
        Self::start_command(Command::new(program_folder().join(function)), function, variables, timeout).await
    }

    /// Starts the program without root's capabilities, as Lambda does.
    pub async fn start_unprivileged(function: &str, variables: &Variables) -> Self {
        let program = program_folder().join(function);
        Self::start_command(unprivileged(program.to_str().unwrap()), function, variables, TIMEOUT).await
    }

    async fn start_command(
        command: Command,
        function: &str,
        variables: &Variables,
        timeout: Duration,
    ) -> Self {
        let RuntimeApi { address, events, server } = RuntimeApi::start(timeout).await;
        let mut process = spawn(command, function, variables, &address);
        let log = Arc::default();
        tokio::spawn(collect_output(process.stdout.take().unwrap(), Arc::clone(&log)));
        tokio::spawn(collect_output(process.stderr.take().unwrap(), Arc::clone(&log)));
        Self { events, server, process, log }
    }

    /// Waits until the log contains `words`, for 10 s at most, and returns the log.
    pub async fn wait_for_log(&self, words: &str) -> String {
        self.wait_for_lines(1, words).await
    }

    /// Waits until this many lines of the log contain `words`, for 10 s at most, and returns the log.
    pub async fn wait_for_lines(&self, count: usize, words: &str) -> String {
        let give_up = Instant::now() + Duration::from_secs(10);
        loop {
            let written = self.log();
            if written.lines().filter(|line| line.contains(words)).count() >= count {
                return written;
            }
            assert!(Instant::now() < give_up, "the log lacks {count} times {words}: {written}");
            tokio::task::yield_now().await;
        }
    }

    /// Returns what the program has written so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.process.id().expect("a program that runs")
    }

    /// Gives the program one event and returns its answer.
    pub async fn invoke(&mut self, event: &str) -> Outcome {
        let (answer, answered) = oneshot::channel();
        assert!(
            self.events.send(Invocation { event: event.to_owned(), answer }).is_ok(),
            "the sandbox has ended"
        );
        tokio::select! {
            outcome = answered => outcome.unwrap(),
            ended = self.process.wait() => panic!("the program ended while it had an event: {ended:?}"),
        }
    }

    /// Gives the program one HTTP event. Returns status and body of the response.
    pub async fn invoke_http(&mut self, event: &Value) -> (u64, Value) {
        let answer = self.invoke(&event.to_string()).await.unwrap();
        let body = answer["body"].as_str().unwrap_or_default();
        (answer["statusCode"].as_u64().unwrap(), serde_json::from_str(body).unwrap_or_default())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Starts a program that must fail at init, and returns its output.
pub async fn failed_start_output(function: &str, variables: &Variables) -> String {
    // Nothing listens at this address. A program that gets past its init fails there, with another message.
    let program = Command::new(program_folder().join(function));
    let process = spawn(program, function, variables, "127.0.0.1:1");
    let output = process.wait_with_output().await.unwrap();
    assert!(!output.status.success(), "{function} ended with success");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Collects what a program writes, so that it never blocks on a full pipe.
async fn collect_output(output: impl AsyncRead + Unpin, log: Arc<std::sync::Mutex<String>>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        log.lock().unwrap().push_str(&(line + "\n"));
    }
}

/// Returns a command without root's capabilities. Without them root has no more rights than other accounts.
pub fn unprivileged(program: &str) -> Command {
    if Environment::read().postgres_user.is_empty() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set", "-all", "--inh-caps", "-all", "--", program]);
    command
}

fn spawn(mut command: Command, function: &str, variables: &Variables, runtime: &str) -> Child {
    command
        .env_clear()
        .envs(with_own_credentials(function, variables))
        .env("AWS_LAMBDA_FUNCTION_NAME", function)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_RUNTIME_API", runtime)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{function} is not built: {error}"))
}

impl TestVault {
    /// Returns the variables with which every function runs on this vault, with root's credentials.
    pub fn variables(&self) -> Variables {
        let aws = &self.queue.aws;
        let storage = self.bucket.config();
        [
            ("DATABASE_URL", self.database.url_at("docuvault_app", &self.database.address())),
            ("DATABASE_MIGRATE_URL", self.database.url("docuvault_migrate")),
            ("S3_BUCKET", storage.bucket),
            ("S3_ENDPOINT", storage.endpoint.unwrap()),
            ("QUEUE_URL", self.queue.url.clone()),
            ("DEAD_LETTER_QUEUE_ARN", self.classification.dead_letters.clone()),
            ("SQS_ENDPOINT", self.queue.endpoint.clone().unwrap()),
            ("AWS_REGION", aws.region.clone()),
            ("AWS_ACCESS_KEY_ID", aws.credentials.access_key_id().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", aws.credentials.secret_access_key().to_owned()),
            ("JWT_SECRET", SECRET.to_owned()),
            ("WEB_ORIGINS", WEB_ORIGIN.to_owned()),
            ("FACTOR_KEYS", FACTOR_KEY.to_owned()),
            ("MAIL_FOLDER", self.mails.path.to_str().unwrap().to_owned()),
            ("MAIL_FROM", crate::mails::SENDER.to_owned()),
            ("WEB_URL", crate::mails::WEB_URL.to_owned()),
            ("DEFAULT_AI_PROVIDER", self.classification.provider.clone()),
        ]
        .into()
    }
}
