//! The services around the runner: a queue server that can be restarted, fake functions, an object store.

use std::path::{Path as FilePath, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use aws_credential_types::Credentials;
use aws_sdk_sqs::types::QueueAttributeName;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use docuvault::config::AwsConfig;
use docuvault::limits::sdk::QUEUE;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const TOKEN: &str = "the-webhook's-token";
pub const KEY: &str = "docuvault";
pub const SECRET: &str = "docuvault-secret";
/// A generous limit for everything that tests wait for, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// A program that is killed at the end of the test.
pub struct Program(Child);

impl Program {
    /// Starts a program and discards its output.
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Self(child.with_context(|| format!("{command:?}"))?))
    }

    /// Sends SIGTERM and waits. Returns whether the exit status is success.
    pub async fn terminate(mut self) -> Result<bool> {
        Command::new("sh").args(["-c", &format!("kill -TERM {}", self.0.id())]).status()?;
        let status = wait_for("the end of the program", async || Ok(self.0.try_wait()?)).await?;
        Ok(status.success())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An environment variable that `./dev test` sets.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration module")]
pub fn read_variable(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set. Run the tests with ./dev test."))
}

/// Returns a port that is free at the moment, and never one twice. It is below the ephemeral range, so that
/// no connection takes it before a server listens on it.
pub async fn free_port() -> Result<u16> {
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(std::process::id() as u16));
    loop {
        let port = 20_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 8_000;
        if TcpListener::bind(("127.0.0.1", port)).await.is_ok() {
            return Ok(port);
        }
    }
}

/// Polls until `look` returns something, or fails after 40 s.
pub async fn wait_for<T>(what: &str, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if began.elapsed() > PATIENCE {
            bail!("{what}: not within {PATIENCE:?}");
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Waits until something listens on a port.
pub async fn wait_for_listener(port: u16) -> Result<()> {
    let connect = async || Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok());
    wait_for(&format!("port {port}"), connect).await.map(drop)
}

/// Credentials and region for the store and the queue.
pub fn aws_config() -> AwsConfig {
    AwsConfig { region: "us-east-1".into(), credentials: Credentials::new(KEY, SECRET, None, None, "test") }
}

/// The queue server, moto.
pub struct Moto {
    pub port: u16,
    program: Option<Program>,
    pub sqs: aws_sdk_sqs::Client,
}

impl Moto {
    pub async fn start() -> Result<Self> {
        let port = free_port().await?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let sqs = docuvault::queue::new_client(&aws_config(), Some(&endpoint), QUEUE);
        let mut moto = Self { port, program: None, sqs };
        moto.restart().await?;
        Ok(moto)
    }

    /// Stops the server, which loses all queues and messages.
    pub fn stop(&mut self) {
        self.program = None;
    }

    pub async fn restart(&mut self) -> Result<()> {
        self.stop();
        let mut command = Command::new(read_variable("TEST_MOTO_SERVER")?);
        self.program = Some(Program::start(command.args(["-H", "127.0.0.1", "-p", &self.port.to_string()]))?);
        wait_for_listener(self.port).await
    }

    /// Returns the URL of a queue that the runner creates. Waits until it exists.
    pub async fn url(&self, name: &str) -> Result<String> {
        let look = async || Ok(self.sqs.get_queue_url().queue_name(name).send().await.ok());
        let found = wait_for(&format!("the queue {name}"), look).await?;
        found.queue_url.context("the queue has no URL")
    }

    pub async fn send(&self, body: &str) -> Result<()> {
        let url = self.url("docuvault-documents").await?;
        self.sqs.send_message().queue_url(url).message_body(body).send().await?;
        Ok(())
    }

    /// Returns the redrive policy of the document queue.
    pub async fn redrive_policy(&self) -> Result<Value> {
        let url = self.url("docuvault-documents").await?;
        let request = self.sqs.get_queue_attributes().queue_url(url);
        let answer = request.attribute_names(QueueAttributeName::RedrivePolicy).send().await?;
        let policy = answer.attributes().and_then(|all| all.get(&QueueAttributeName::RedrivePolicy));
        Ok(serde_json::from_str(policy.context("the queue has no redrive policy")?)?)
    }

    /// Returns the number of messages in a queue, visible or not.
    pub async fn count(&self, name: &str) -> Result<i64> {
        use QueueAttributeName::{ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible};
        let names = Some(vec![ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible]);
        let url = self.url(name).await?;
        let answer = self.sqs.get_queue_attributes().queue_url(url).set_attribute_names(names).send().await?;
        answer.attributes().into_iter().flatten().map(|(_, count)| Ok(count.parse::<i64>()?)).sum()
    }

    /// Waits until the document queue is empty.
    pub async fn wait_until_drained(&self) -> Result<()> {
        self.wait_until_empty("docuvault-documents").await
    }

    /// Waits until a queue is empty.
    pub async fn wait_until_empty(&self, name: &str) -> Result<()> {
        let look = async || Ok((self.count(name).await? == 0).then_some(()));
        wait_for("an empty queue", look).await
    }
}

/// A fake function: takes the number of earlier calls and the event, returns the answer.
type Script = dyn Fn(usize, &Value) -> Response + Send + Sync;

/// Fake functions behind an Invoke API. They answer as a test wants and record their events.
#[derive(Clone)]
pub struct Functions {
    script: Arc<Script>,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Functions {
    /// Serves fake functions on a port. `script` answers for `classify`; the others always succeed.
    pub async fn serve(
        port: u16,
        script: impl Fn(usize, &Value) -> Response + Send + Sync + 'static,
    ) -> Result<Self> {
        let functions = Self { script: Arc::new(script), calls: Arc::default() };
        let router = Router::new()
            .route("/2015-03-31/functions/{name}/invocations", post(call))
            .with_state(functions.clone());
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(functions)
    }

    /// Returns the events with which a function was invoked.
    pub fn events(&self, name: &str) -> Vec<Value> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().filter(|(function, _)| function == name).map(|(_, event)| event.clone()).collect()
    }

    /// Waits until `classify` has received this many messages, counting each delivery, and returns them.
    pub async fn records(&self, count: usize) -> Result<Vec<Value>> {
        let look = async || {
            let events = self.events("classify").into_iter();
            let records =
                events.filter_map(|event| event["Records"].as_array().cloned()).flatten().collect::<Vec<_>>();
            Ok((records.len() >= count).then_some(records))
        };
        wait_for(&format!("{count} messages"), look).await
    }
}

async fn call(State(functions): State<Functions>, Path(name): Path<String>, body: String) -> Response {
    let Ok(event) = serde_json::from_str::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let before = functions.events(&name).len();
    let answer = if name == "classify" { (functions.script)(before, &event) } else { answer_success() };
    functions.calls.lock().unwrap_or_else(PoisonError::into_inner).push((name, event));
    answer
}

/// Returns the answer that all messages succeeded.
pub fn answer_success() -> Response {
    axum::Json(json!({ "batchItemFailures": [] })).into_response()
}

/// Returns the answer that all messages with this body failed.
pub fn answer_failure(event: &Value, body: &str) -> Response {
    let records = event["Records"].as_array().into_iter().flatten();
    let failed = records.filter(|record| record["body"] == body);
    let items = failed.map(|record| json!({ "itemIdentifier": record["messageId"] }));
    axum::Json(json!({ "batchItemFailures": items.collect::<Vec<_>>() })).into_response()
}

/// The configuration of a runner, and its queue server.
pub struct Runner {
    pub moto: Moto,
    pub functions_port: u16,
    pub port: u16,
    pub api_port: u16,
    pub api_timeout: u64,
    pub s3_port: u16,
    pub visibility_timeout: u32,
    pub max_receives: Option<u32>,
    pub page: Option<PathBuf>,
}

impl Runner {
    /// Starts a queue server and chooses free ports. Functions and object store are not running yet.
    pub async fn prepare() -> Result<Self> {
        let (functions_port, port, s3_port) = (free_port().await?, free_port().await?, free_port().await?);
        Ok(Self {
            moto: Moto::start().await?,
            functions_port,
            port,
            api_port: free_port().await?,
            api_timeout: 29,
            s3_port,
            visibility_timeout: 1,
            max_receives: None,
            page: None,
        })
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command
            .arg(verb)
            .env("SQS_ENDPOINT", format!("http://127.0.0.1:{}", self.moto.port))
            .env("S3_ENDPOINT", format!("http://127.0.0.1:{}", self.s3_port))
            .env("S3_BUCKET", "vault")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .env("LAMBDA_URL", format!("http://127.0.0.1:{}", self.functions_port))
            .env("API_PORT", self.api_port.to_string())
            .env("API_TIMEOUT", self.api_timeout.to_string())
            .env("LOCAL_PORT", self.port.to_string())
            .env("WEBHOOK_TOKEN", TOKEN)
            .env("VISIBILITY_TIMEOUT", self.visibility_timeout.to_string())
            .env("CLEANUP_INTERVAL", "1")
            .env("MAIL_INTERVAL", "1");
        if let Some(receives) = self.max_receives {
            command.env("MAX_RECEIVES", receives.to_string());
        }
        if let Some(page) = &self.page {
            command.env("PAGE_FOLDER", page);
        }
        command
    }

    /// Starts the runner and waits until its webhook listens.
    pub async fn start(&self) -> Result<Program> {
        let program = Program::start(&mut self.command("run"))?;
        wait_for_listener(self.port).await?;
        Ok(program)
    }

    /// Runs `local provision` and returns what it prints.
    pub fn provision(&self) -> Result<String> {
        let output = self.command("provision").output()?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Sends a notification with this `Authorization` header and returns the status.
    pub async fn notify(&self, token: &str, body: &str) -> Result<u16> {
        let request = reqwest::Client::new().post(format!("http://127.0.0.1:{}/events", self.port));
        let request = request.header("authorization", token).body(body.to_owned());
        Ok(request.send().await?.status().as_u16())
    }

    /// Starts an object store that notifies the runner of every new object.
    pub async fn store(&self, folder: &FilePath) -> Result<Program> {
        let mut command = Command::new(read_variable("TEST_MINIO")?);
        command
            .args([
                "server",
                "--quiet",
                "--address",
                &format!("127.0.0.1:{}", self.s3_port),
                "--console-address",
            ])
            .arg(format!("127.0.0.1:{}", free_port().await?))
            .arg(folder.join("objects"))
            .env("MINIO_ROOT_USER", KEY)
            .env("MINIO_ROOT_PASSWORD", SECRET)
            .env("MINIO_NOTIFY_WEBHOOK_ENABLE_LOCAL", "on")
            .env("MINIO_NOTIFY_WEBHOOK_ENDPOINT_LOCAL", format!("http://127.0.0.1:{}/events", self.port))
            .env("MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_LOCAL", TOKEN)
            .env("MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_LOCAL", folder.join("events"));
        let program = Program::start(&mut command)?;
        let ready = format!("http://127.0.0.1:{}/minio/health/ready", self.s3_port);
        wait_for("the store", async || {
            let answer = reqwest::get(&ready).await.ok();
            Ok(answer.filter(|answer| answer.status().is_success()))
        })
        .await?;
        Ok(program)
    }
}
