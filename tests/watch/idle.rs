//! A stack that nobody asks for a while.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Method;

use crate::caller::Caller;
use crate::routes;
use crate::stack::Stack;

/// Longer than any limit on one request: whatever takes waiting for work for a request ends it.
const IDLE: Duration = Duration::from_secs(100);
/// Somewhat less than a token lasts.
const TOKEN: Duration = Duration::from_secs(800);
/// The longest time that a caller accepts.
const CONTENT: Duration = Duration::from_secs(2);

/// A stack of its own, beside that of the other checks; `SOAK_SECONDS` lets it idle longer.
pub fn soak(stack: &Stack) -> Result<(), String> {
    let mut caller = registered(stack);
    let before = asked(&caller, None)?;
    let mut processes = Vec::new();
    for (_, _, function) in routes::all()? {
        let running = stack.function(&function);
        if running.is_empty() {
            return Err(format!("{function} has answered, and has no process"));
        }
        processes.extend(running);
    }
    std::thread::sleep(idle());
    if idle() > TOKEN {
        log_in(&mut caller);
    }
    let after = asked(&caller, Some(CONTENT))?;
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

#[tokio::main]
async fn registered(stack: &Stack) -> Caller {
    stack.up();
    Caller::register(stack).await
}

#[tokio::main]
async fn log_in(caller: &mut Caller) {
    *caller = caller.with_new_connections();
    caller.login_again().await;
}

/// The status of each route, for somebody who has signed in, so that functions ask the parts they need; within the time, if any.
#[tokio::main]
async fn asked(caller: &Caller, within: Option<Duration>) -> Result<BTreeMap<String, u16>, String> {
    let caller = caller.with_new_connections();
    let mut statuses = BTreeMap::new();
    for (method, path, _) in routes::all()? {
        let begun = Instant::now();
        let wanted = Method::try_from(method.as_str()).map_err(|error| error.to_string())?;
        let (status, body) = caller.call(wanted, &path.replace("{id}", routes::NOBODYS), None).await;
        let took = begun.elapsed();
        if status >= 500 || status == 401 || within.is_some_and(|within| took > within) {
            return Err(format!("{method} {path}: {status} {body} after {took:?}"));
        }
        statuses.insert(format!("{method} {path}"), status);
    }
    Ok(statuses)
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
