//! A stack that nobody asks for a while.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Method;

use crate::caller::Caller;
use crate::routes;
use crate::stack::{Process, Stack};

/// Longer than any limit on one request: whatever takes waiting for work for a request ends it.
const IDLE: Duration = Duration::from_secs(100);
/// What a caller is content with.
const CONTENT: Duration = Duration::from_secs(2);

/// A stack of its own, beside that of the other checks; `SOAK_SECONDS` lets it idle longer.
pub fn soak(stack: &Stack) -> Result<(), String> {
    let before = asked(stack)?;
    let processes = functions(stack)?;
    if processes.len() < before.len() / 3 {
        return Err(format!("these are not the processes of {} routes: {processes:#?}", before.len()));
    }
    std::thread::sleep(idle());
    let after = asked(stack)?;
    if before != after {
        return Err(format!("before: {before:#?}, after: {after:#?}"));
    }
    let gone: Vec<_> = processes.iter().filter(|process| !process.runs()).collect();
    if !gone.is_empty() {
        return Err(format!("died while nothing happened: {gone:#?}"));
    }
    let log = stack.log("functions.log");
    for word in ["the emulator ended a wait for work", "a function's process died", "panicked"] {
        if let Some(line) = log.lines().find(|line| line.contains(word)) {
            return Err(format!("the functions' log says: {line}"));
        }
    }
    Ok(())
}

/// The status of each route; those after the first time must come in time.
#[tokio::main]
async fn asked(stack: &Stack) -> Result<BTreeMap<String, u16>, String> {
    stack.up();
    let first = stack.function("quota").is_empty();
    let caller = Caller::with_email(stack, "nobody@example.com");
    let mut statuses = BTreeMap::new();
    for (method, path) in routes::all()? {
        let begun = Instant::now();
        let wanted = Method::try_from(method.as_str()).map_err(|error| error.to_string())?;
        let (status, body) = caller.call(wanted, &path.replace("{id}", routes::NOBODYS), None).await;
        let took = begun.elapsed();
        if status >= 500 || (took > CONTENT && !first) {
            return Err(format!("{method} {path}: {status} {body} after {took:?}"));
        }
        statuses.insert(format!("{method} {path}"), status);
    }
    Ok(statuses)
}

/// The processes of all functions that have any.
fn functions(stack: &Stack) -> Result<Vec<Process>, String> {
    Ok(routes::functions()?.iter().flat_map(|name| stack.function(name)).collect())
}

#[expect(clippy::disallowed_methods, reason = "a setting of this check alone")]
fn idle() -> Duration {
    let wanted = std::env::var("SOAK_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    wanted.map_or(IDLE, Duration::from_secs)
}

/// `cargo lambda watch` as anybody starts it, with the running stack's settings: no gateway, no sandbox, cargo builds and runs.
#[tokio::main]
pub async fn by_itself(stack: &Stack) -> Result<(), String> {
    let settings = stack.settings();
    let emulator = stack.processes().into_iter().find(|process| process.command.contains(" lambda watch "));
    let program = emulator
        .as_ref()
        .and_then(|process| process.command.split("cargo-lambda ").next().map(str::to_owned));
    let program =
        format!("{}cargo-lambda", program.ok_or("no emulator")?.split(' ').next_back().unwrap_or_default());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port().to_string();
    drop(listener);
    let mut watch = tokio::process::Command::new(program)
        .args([
            "lambda",
            "watch",
            "--ignore-changes",
            "--invoke-address",
            "127.0.0.1",
            "--invoke-port",
            &port,
        ])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .envs(settings)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.to_string())?;
    let url = format!("http://127.0.0.1:{port}/api/health");
    let deadline = Instant::now() + Duration::from_secs(180);
    let answer = loop {
        match reqwest::get(&url).await {
            Ok(answer) => break answer.status().as_u16(),
            Err(error) if Instant::now() > deadline => return Err(error.to_string()),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    let id = watch.id().ok_or("it ended by itself")?.to_string();
    std::process::Command::new("kill").args(["-TERM", &id]).status().map_err(|error| error.to_string())?;
    watch.wait().await.map_err(|error| error.to_string())?;
    if answer == 200 { Ok(()) } else { Err(format!("health: {answer}")) }
}
