//! A stand-in for Lambda: its Runtime API, and a function's built program that asks it for work.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::store::{has_identity, identity};
use crate::{Environment, TestVault};

/// What a function has said to an event: an answer, or an error.
pub type Outcome = Result<Value, Value>;

/// The functions' timeout.
const TIMEOUT: Duration = Duration::from_secs(90);

/// A function's environment.
pub type Variables = BTreeMap<&'static str, String>;

/// A program in its sandbox; it ends with its owner.
pub struct Sandbox {
    events: mpsc::UnboundedSender<Invocation>,
    server: tokio::task::JoinHandle<()>,
    process: Child,
    log: Arc<std::sync::Mutex<String>>,
}

struct Invocation {
    event: String,
    answer: oneshot::Sender<Outcome>,
}

/// What the API knows: events that wait, and the one under way.
#[derive(Clone)]
struct Work {
    waiting: Arc<Mutex<mpsc::UnboundedReceiver<Invocation>>>,
    current: Arc<Mutex<Option<oneshot::Sender<Outcome>>>>,
    timeout: Duration,
}

impl Sandbox {
    /// Starts the program with exactly these variables.
    pub async fn start(function: &str, variables: &Variables) -> Self {
        Self::with_timeout(function, variables, TIMEOUT).await
    }

    /// The same where an invocation is told to end after `timeout`.
    pub async fn with_timeout(function: &str, variables: &Variables, timeout: Duration) -> Self {
        Self::start_by(Command::new(programs().join(function)), function, variables, timeout).await
    }

    /// The same without a superuser's privileges, where the tests have them: as Lambda's account.
    pub async fn start_unprivileged(function: &str, variables: &Variables) -> Self {
        let program = programs().join(function);
        Self::start_by(unprivileged(program.to_str().unwrap()), function, variables, TIMEOUT).await
    }

    async fn start_by(command: Command, function: &str, variables: &Variables, timeout: Duration) -> Self {
        let (events, waiting) = mpsc::unbounded_channel();
        let work =
            Work { waiting: Arc::new(Mutex::new(waiting)), current: Arc::new(Mutex::new(None)), timeout };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move { axum::serve(listener, api(work)).await.unwrap() });
        let mut process = spawn(command, function, variables, &address);
        let log = Arc::default();
        tokio::spawn(keep(process.stdout.take().unwrap(), Arc::clone(&log)));
        tokio::spawn(keep(process.stderr.take().unwrap(), Arc::clone(&log)));
        Self { events, server, process, log }
    }

    /// What the program has written once it has written `words`.
    pub async fn log(&self, words: &str) -> String {
        let give_up = Instant::now() + Duration::from_secs(10);
        loop {
            let written = self.log.lock().unwrap().clone();
            if written.contains(words) {
                return written;
            }
            assert!(Instant::now() < give_up, "no {words} in {written}");
            tokio::task::yield_now().await;
        }
    }

    /// The process, as the system numbers it.
    pub fn id(&self) -> u32 {
        self.process.id().expect("a program that runs")
    }

    /// Has the program handle one event, as it stands.
    pub async fn invoke(&mut self, event: &str) -> Outcome {
        let (answer, answered) = oneshot::channel();
        assert!(self.events.send(Invocation { event: event.to_owned(), answer }).is_ok(), "no sandbox");
        tokio::select! {
            outcome = answered => outcome.unwrap(),
            ended = self.process.wait() => panic!("the program ended while it had an event: {ended:?}"),
        }
    }

    /// The same for a function with routes: status and body of the answer.
    pub async fn http(&mut self, event: &Value) -> (u64, Value) {
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

/// The names of all functions: the folders of `functions/`.
pub fn functions() -> Vec<String> {
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../functions")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
}

/// A recorded event, `events/<name>.json`, as it stands.
pub fn recorded(name: &str) -> String {
    let file = format!("{}/../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Starts a program that must not get as far as asking for work: what it says before it ends.
pub async fn last_words(function: &str, variables: &Variables) -> String {
    // Nothing listens there: a program that got so far would fail by that, with other words.
    let program = Command::new(programs().join(function));
    let process = spawn(program, function, variables, "127.0.0.1:1");
    let output = process.wait_with_output().await.unwrap();
    assert!(!output.status.success(), "{function} ended as though all were well");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Reads what a program writes, so that it never waits for a reader.
async fn keep(output: impl AsyncRead + Unpin, log: Arc<std::sync::Mutex<String>>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        log.lock().unwrap().push_str(&(line + "\n"));
    }
}

/// A program that has no capabilities: root without them is an account like others.
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
        .envs(as_itself(function, variables))
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

/// The variables with the function's own credentials for the store in place of those that may do anything there; without any for a
/// function that needs nothing of it.
pub fn as_itself(function: &str, variables: &Variables) -> Variables {
    let mut variables = variables.clone();
    let root = Environment::read().access_key_id;
    if variables.get("AWS_ACCESS_KEY_ID") == Some(&root) {
        variables.remove("AWS_ACCESS_KEY_ID");
        variables.remove("AWS_SECRET_ACCESS_KEY");
        if has_identity(function) {
            let credentials = identity(function).credentials;
            variables.insert("AWS_ACCESS_KEY_ID", credentials.access_key_id().to_owned());
            variables.insert("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key().to_owned());
        }
    }
    variables
}

/// The folder that `./dev test` has built the programs into.
pub(crate) fn programs() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "cargo's own setting")]
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target")).join("debug")
}

fn api(work: Work) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .with_state(work)
}

async fn next(State(work): State<Work>) -> ([(HeaderName, String); 3], String) {
    let Some(Invocation { event, answer }) = work.waiting.lock().await.recv().await else {
        return std::future::pending().await;
    };
    *work.current.lock().await = Some(answer);
    let deadline = (SystemTime::now() + work.timeout).duration_since(UNIX_EPOCH).unwrap().as_millis();
    let headers = [
        ("lambda-runtime-aws-request-id", uuid::Uuid::new_v4().to_string()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:test".into()),
    ];
    (headers.map(|(name, value)| (HeaderName::from_static(name), value)), event)
}

async fn response(State(work): State<Work>, Path(_): Path<String>, body: String) -> StatusCode {
    finish(&work, Ok(serde_json::from_str(&body).unwrap())).await
}

async fn error(State(work): State<Work>, Path(_): Path<String>, body: String) -> StatusCode {
    finish(&work, Err(serde_json::from_str(&body).unwrap())).await
}

async fn finish(work: &Work, outcome: Outcome) -> StatusCode {
    if let Some(answer) = work.current.lock().await.take() {
        // Its asker may have given up.
        let _heard = answer.send(outcome);
    }
    StatusCode::ACCEPTED
}

impl TestVault {
    /// What every function needs to run on this vault's parts.
    pub fn variables(&self) -> Variables {
        let aws = &self.queue.aws;
        let storage = self.bucket.config();
        [
            ("DATABASE_URL", self.database.url("docuvault_app")),
            ("DATABASE_MIGRATE_URL", self.database.url("docuvault_migrate")),
            ("S3_BUCKET", storage.bucket),
            ("S3_ENDPOINT", storage.endpoint.unwrap()),
            ("QUEUE_URL", self.queue.url.clone()),
            ("DEAD_LETTER_QUEUE_ARN", self.classification.dead_letters.clone()),
            ("SQS_ENDPOINT", self.queue.endpoint.clone().unwrap()),
            ("AWS_REGION", aws.region.clone()),
            ("AWS_ACCESS_KEY_ID", aws.credentials.access_key_id().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", aws.credentials.secret_access_key().to_owned()),
            ("JWT_SECRET", String::from_utf8(self.tokens.secret.clone()).unwrap()),
            ("DEFAULT_AI_PROVIDER", self.classification.provider.clone()),
        ]
        .into()
    }
}
