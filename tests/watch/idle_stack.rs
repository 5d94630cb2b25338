//! Tests of a stack that was idle for a while, and of `cargo lambda watch` without the rest of the stack.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Method;
use tests::free_port;

use crate::caller::Caller;
use crate::routes;
use crate::stack::{EMULATOR, Stack};

/// The default idle time of the stack. It is longer than any timeout of a request, to detect one that also
/// ends a process's wait for work.
const IDLE: Duration = Duration::from_secs(100);
/// The route that ends the caller's session.
const LOGOUT: &str = "/api/auth/logout-all";
/// The longest time that an answer may take.
const MAX_ANSWER_TIME: Duration = Duration::from_secs(2);

/// Checks that every route answers the same, and quickly, after the stack was idle. `SOAK_SECONDS` sets the
/// idle time.
pub fn check_after_idling(stack: &Stack) -> Result<(), String> {
    let mut caller = start_and_register(stack);
    let before = request_every_route(&caller, None)?;
    let mut processes = Vec::new();
    for (_, _, function) in routes::all()? {
        let running = stack.processes_of(&function);
        if running.is_empty() {
            return Err(format!("{function} has answered but has no process"));
        }
        processes.extend(running);
    }
    std::thread::sleep(idle_time());
    log_in(&mut caller);
    let after = request_every_route(&caller, Some(MAX_ANSWER_TIME))?;
    if before != after {
        return Err(format!("before: {before:#?}, after: {after:#?}"));
    }
    let log = stack.log("functions.log");
    for word in ["the emulator ended a wait for work", "a function's process died", "panicked"] {
        if let Some(line) = log.lines().find(|line| line.contains(word)) {
            return Err(format!("the functions' log says: {line}"));
        }
    }
    let gone: Vec<_> = processes.iter().filter(|process| !process.is_running()).collect();
    if !gone.is_empty() {
        return Err(format!("these processes died while the stack was idle: {gone:#?}"));
    }
    check_watched_folders(stack)
}

/// Checks that each watch of the emulator has one folder, and none below it. If it watched the data of the
/// services, many changes at once would make it start all processes again, and their events would be lost.
fn check_watched_folders(stack: &Stack) -> Result<(), String> {
    let described = format!("/proc/{}/fdinfo", stack.find_service(EMULATOR)?.id);
    let descriptors = std::fs::read_dir(described).map_err(|error| error.to_string())?.flatten();
    let watched: Vec<_> = descriptors
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .map(|text| text.lines().filter(|line| line.starts_with("inotify ")).count())
        .filter(|count| *count > 0)
        .collect();
    if watched.iter().all(|count| *count == 1) && !watched.is_empty() {
        return Ok(());
    }
    Err(format!("the emulator watches these numbers of folders: {watched:?}"))
}

#[tokio::main]
async fn start_and_register(stack: &Stack) -> Caller {
    stack.up();
    Caller::register(stack).await
}

#[tokio::main]
async fn log_in(caller: &mut Caller) {
    *caller = caller.with_new_connections();
    caller.login_again().await;
}

/// Requests every route with a token, so that functions use their services. The route that ends the session
/// comes last. Returns the statuses. Fails if an answer takes longer than `within`.
#[tokio::main]
async fn request_every_route(
    caller: &Caller,
    within: Option<Duration>,
) -> Result<BTreeMap<String, u16>, String> {
    let caller = caller.with_new_connections();
    let mut statuses = BTreeMap::new();
    let mut all = routes::all()?;
    all.sort_by_key(|(_, path, _)| path == LOGOUT);
    for (method, path, _) in all {
        let begun = Instant::now();
        let wanted = Method::try_from(method.as_str()).map_err(|error| error.to_string())?;
        let (status, body) = caller.call(wanted, &path.replace("{id}", routes::UNKNOWN_ID), None).await;
        let took = begun.elapsed();
        if status >= 500 || status == 401 || within.is_some_and(|within| took > within) {
            return Err(format!("{method} {path}: {status} {body} after {took:?}"));
        }
        statuses.insert(format!("{method} {path}"), status);
    }
    Ok(statuses)
}

#[expect(clippy::disallowed_methods, reason = "a setting of this check alone")]
fn idle_time() -> Duration {
    let wanted = std::env::var("SOAK_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    wanted.map_or(IDLE, Duration::from_secs)
}

/// Starts `cargo lambda watch` directly, with the settings of the running stack: without gateway and
/// sandboxes, and cargo builds and runs the functions.
#[tokio::main]
pub async fn watch_directly(stack: &Stack) -> Result<(), String> {
    let settings = stack.settings();
    let emulator = stack.find_service(EMULATOR)?;
    let mut words = emulator.command.split(' ');
    let program = words.find(|word| word.ends_with("/cargo-lambda")).ok_or("no cargo-lambda")?;
    let port = free_port().to_string();
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
