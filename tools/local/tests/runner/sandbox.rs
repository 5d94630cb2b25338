//! Tests of the sandbox of one process, under a fake emulator. The function is a script that does what its
//! event says.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

use crate::support::{Program, free_port, wait_for};

const FUNCTION: &str = r#"#!/usr/bin/env python3
import json, os, signal, sys, time, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as event:
        what, told = event.read().decode(), event.headers
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "hang":
        time.sleep(1000)
    answer = {"what": what, "pid": os.getpid(), "deadline": int(told["lambda-runtime-deadline-ms"])}
    url = api + told["lambda-runtime-aws-request-id"] + ("/error" if what == "fail" else "/response")
    urllib.request.urlopen(url, json.dumps(answer).encode()).close()
"#;

/// The fake emulator's state: the events that wait, and the answers that arrived.
#[derive(Clone)]
struct Emulator {
    events: Arc<Mutex<mpsc::UnboundedReceiver<String>>>,
    answers: mpsc::UnboundedSender<(String, Value)>,
}

/// Hands out the next event. The event `408` stands for the emulator's timeout of a request that waits for an
/// event, and `break` for a connection that breaks.
async fn next(State(emulator): State<Emulator>) -> Response {
    let Some(event) = emulator.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    if event == "408" {
        return StatusCode::REQUEST_TIMEOUT.into_response();
    }
    // The server closes the connection of a request whose handler panics.
    assert_ne!(event, "break");
    let headers = [("lambda-runtime-aws-request-id", "id"), ("lambda-runtime-deadline-ms", "600000")];
    (headers, event).into_response()
}

async fn answer(State(emulator): State<Emulator>, Path((_, what)): Path<(String, String)>, body: String) {
    let _ = emulator.answers.send((what, serde_json::from_str(&body).unwrap_or_default()));
}

struct SandboxSetup {
    folder: PathBuf,
    events: mpsc::UnboundedSender<String>,
    answers: mpsc::UnboundedReceiver<(String, Value)>,
    program: Option<Program>,
}

impl SandboxSetup {
    async fn new(function: &str) -> Result<Self> {
        let port = free_port().await?;
        let (events, waiting) = mpsc::unbounded_channel();
        let (answered, answers) = mpsc::unbounded_channel();
        let emulator = Emulator { events: Arc::new(Mutex::new(waiting)), answers: answered };
        let router = Router::new()
            .route("/.rt/quota/2018-06-01/runtime/invocation/next", get(next))
            .route("/.rt/quota/2018-06-01/runtime/invocation/{id}/{what}", post(answer))
            .with_state(emulator);
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = std::env::temp_dir().join(format!("local-sandbox-{port}"));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("quota"), function)?;
        std::fs::set_permissions(folder.join("quota"), std::fs::Permissions::from_mode(0o755))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.arg("sandbox").env("AWS_LAMBDA_RUNTIME_API", format!("http://127.0.0.1:{port}/.rt/quota"));
        command.env("AWS_LAMBDA_FUNCTION_NAME", "quota").env("DOCUVAULT_PROGRAMS", &folder);
        let program = Some(Program::start(command.env("FUNCTION_TIMEOUT", "2").env("INIT_TIMEOUT", "5"))?);
        Ok(Self { folder, events, answers, program })
    }

    /// Sends an event; returns the endpoint that was called (`response` or `error`) and the body.
    async fn invoke(&mut self, event: &str) -> Result<(String, Value)> {
        self.events.send(event.into())?;
        let answer = tokio::time::timeout(Duration::from_secs(40), self.answers.recv()).await;
        answer.with_context(|| format!("no answer to {event}"))?.context("an answer")
    }

    /// Sends an event that is answered with a process id, and returns the id.
    async fn invoke_for_pid(&mut self) -> Result<i64> {
        let (what, answer) = self.invoke("answer").await?;
        assert_eq!((what.as_str(), &answer["what"]), ("response", &json!("answer")));
        answer["pid"].as_i64().context("a process")
    }
}

impl Drop for SandboxSetup {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_running(pid: i64) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

#[tokio::test]
async fn answers_are_passed_on_and_the_process_is_kept() -> Result<()> {
    let mut stage = SandboxSetup::new(FUNCTION).await?;
    let pid = stage.invoke_for_pid().await?;
    let (what, failure) = stage.invoke("fail").await?;
    assert_eq!((what.as_str(), &failure["what"]), ("error", &json!("fail")));
    assert_eq!(stage.invoke_for_pid().await?, pid);
    Ok(())
}

#[tokio::test]
async fn the_caller_of_a_process_that_dies_gets_an_error_at_once_and_the_next_caller_an_answer() -> Result<()>
{
    let mut stage = SandboxSetup::new(FUNCTION).await?;
    for _ in 0..4 {
        stage.invoke_for_pid().await?;
        let (what, error) = stage.invoke("die").await?;
        assert_eq!((what.as_str(), &error["errorType"]), ("error", &json!("Runtime.ExitError")));
        assert!(error["errorMessage"].as_str().context("a message")?.contains("SIGKILL"), "{error}");
    }
    stage.invoke_for_pid().await?;
    Ok(())
}

#[tokio::test]
async fn a_process_that_is_killed_while_idle_is_replaced() -> Result<()> {
    let mut stage = SandboxSetup::new(FUNCTION).await?;
    let mut last = 0;
    for _ in 0..4 {
        let pid = stage.invoke_for_pid().await?;
        assert_ne!(pid, last);
        last = pid;
        Command::new("sh").args(["-c", &format!("kill -KILL {pid}")]).status()?;
        wait_for("its end", async || Ok((!is_running(pid)).then_some(()))).await?;
    }
    stage.invoke_for_pid().await?;
    Ok(())
}

#[tokio::test]
async fn a_process_that_hangs_is_killed_after_its_time_limit() -> Result<()> {
    let mut stage = SandboxSetup::new(FUNCTION).await?;
    let pid = stage.invoke_for_pid().await?;
    let (what, error) = stage.invoke("hang").await?;
    assert_eq!((what.as_str(), &error["errorType"]), ("error", &json!("Runtime.ExitError")));
    assert!(!is_running(pid));
    assert_ne!(stage.invoke_for_pid().await?, pid);
    Ok(())
}

#[tokio::test]
async fn the_deadline_follows_from_the_time_limit_of_the_function() -> Result<()> {
    let mut stage = SandboxSetup::new(FUNCTION).await?;
    let before = time::OffsetDateTime::now_utc().unix_timestamp() * 1000;
    let (_, answer) = stage.invoke("answer").await?;
    let deadline = answer["deadline"].as_i64().context("a deadline")?;
    assert!((before..before + 60_000).contains(&deadline), "{deadline} at {before}");
    Ok(())
}

#[tokio::test]
async fn a_request_for_an_event_that_times_out_is_repeated() -> Result<()> {
    let mut stage = SandboxSetup::new(FUNCTION).await?;
    let pid = stage.invoke_for_pid().await?;
    stage.events.send("408".into())?;
    assert_eq!(stage.invoke_for_pid().await?, pid);
    Ok(())
}

#[tokio::test]
async fn a_connection_that_breaks_does_not_end_the_process() -> Result<()> {
    let mut stage = SandboxSetup::new(FUNCTION).await?;
    let pid = stage.invoke_for_pid().await?;
    stage.events.send("break".into())?;
    assert_eq!(stage.invoke_for_pid().await?, pid);
    Ok(())
}

#[tokio::test]
async fn a_program_that_dies_at_its_start_is_restarted_with_growing_pauses() -> Result<()> {
    let mut stage = SandboxSetup::new("#!/bin/sh\necho >> $0.starts\nexit 3\n").await?;
    for _ in 0..3 {
        let (what, error) = stage.invoke("answer").await?;
        assert_eq!(what, "error");
        assert!(error["errorMessage"].as_str().context("a message")?.contains("exit status: 3"), "{error}");
    }
    let starts = std::fs::read_to_string(stage.folder.join("quota.starts"))?.len();
    assert!(starts < 20, "{starts} starts");
    Ok(())
}

#[tokio::test]
async fn callers_of_a_missing_program_get_errors_until_it_exists() -> Result<()> {
    let mut stage = SandboxSetup::new(FUNCTION).await?;
    let pid = stage.invoke_for_pid().await?;
    let (program, away) = (stage.folder.join("quota"), stage.folder.join("away"));
    std::fs::rename(&program, &away)?;
    Command::new("sh").args(["-c", &format!("kill -KILL {pid}")]).status()?;
    wait_for("its end", async || Ok((!is_running(pid)).then_some(()))).await?;
    let (what, error) = stage.invoke("answer").await?;
    assert_eq!(what, "error");
    assert!(error["errorMessage"].as_str().context("a message")?.contains("No such file"), "{error}");
    std::fs::rename(&away, &program)?;
    wait_for("an answer", async || Ok((stage.invoke("answer").await?.0 == "response").then_some(()))).await
}

#[tokio::test]
async fn a_process_that_never_asks_for_work_is_killed_and_its_caller_gets_an_error() -> Result<()> {
    let mut stage = SandboxSetup::new("#!/bin/sh\nexec sleep 1000\n").await?;
    let (what, error) = stage.invoke("answer").await?;
    assert_eq!(what, "error");
    assert!(error["errorMessage"].as_str().context("a message")?.contains("did not ask for work"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_program_that_dies_on_every_event_is_restarted_with_growing_pauses() -> Result<()> {
    let mut stage = SandboxSetup::new(&FUNCTION.replace("if what == \"die\"", "if True")).await?;
    let begun = Instant::now();
    for _ in 0..4 {
        assert_eq!(stage.invoke("answer").await?.0, "error");
    }
    // There are pauses of 250, 500 and 1,000 ms between the starts.
    assert!(begun.elapsed() > Duration::from_millis(1700), "{:?}", begun.elapsed());
    Ok(())
}

#[tokio::test]
async fn a_sandbox_that_is_terminated_ends_its_process() -> Result<()> {
    let mut stage = SandboxSetup::new(FUNCTION).await?;
    let pid = stage.invoke_for_pid().await?;
    let program = stage.program.take().context("a program")?;
    assert!(program.terminate().await?);
    wait_for("the process's end", async || Ok((!is_running(pid)).then_some(()))).await
}
