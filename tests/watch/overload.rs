//! Tests with many concurrent requests, and with processes of functions that are killed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::routes;
use crate::stack::{CONCURRENCY, Stack};

const QUOTA: &str = "/api/auth/me/quota";

/// Sends this many requests at once. Returns how often each status occurred. Asserts that 429 and 503 have
/// `Retry-After`, and other statuses do not.
async fn send_concurrently(
    count: usize,
    caller: &Caller,
    method: Method,
    path: &'static str,
) -> BTreeMap<u16, usize> {
    let file = json!({"filename": "a.txt", "content_type": "text/plain"});
    let body = (method == Method::POST).then_some(file);
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let (caller, method, body) = (caller.clone(), method.clone(), body.clone());
        tasks.spawn(async move {
            let answer = caller.send(method, path, body).await;
            let status = answer.status().as_u16();
            let again = answer.headers().contains_key("retry-after");
            assert_eq!(again, [429, 503].contains(&status), "{status}: {:?}", answer.headers());
            status
        });
    }
    let mut statuses = BTreeMap::new();
    for status in tasks.join_all().await {
        *statuses.entry(status).or_default() += 1;
    }
    statuses
}

#[tokio::main]
pub async fn request_130_uploads(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    let statuses = send_concurrently(130, &caller, Method::POST, "/api/documents/upload-url").await;
    if statuses == BTreeMap::from([(201, 100), (429, 30)]) { Ok(()) } else { Err(format!("{statuses:?}")) }
}

#[tokio::main]
pub async fn send_500_requests(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    let statuses = send_concurrently(500, &caller, Method::GET, QUOTA).await;
    if statuses.keys().any(|status| ![200, 429, 503].contains(status)) || !statuses.contains_key(&200) {
        return Err(format!("{statuses:?}"));
    }
    caller.get(QUOTA).await;
    Ok(())
}

/// Kills the processes of each function one time more than the emulator may run processes of it. If the
/// emulator still counted dead processes, it could start no new one.
pub fn kill_every_function(stack: &Stack) -> Result<(), String> {
    stack.up();
    for function in routes::functions()? {
        for round in 0..=CONCURRENCY {
            invoke(stack, &function).map_err(|error| format!("{function}, round {round}: {error}"))?;
            let dead = stack.kill(&stack.program(&function));
            if dead.is_empty() {
                return Err(format!("no process of {function} was found"));
            }
            wait_until_gone(&dead)?;
        }
        invoke(stack, &function).map_err(|error| format!("{function}, at last: {error}"))?;
    }
    for function in routes::functions()? {
        if !stack.prints(&format!("a process of {function} died (signal: 9 (SIGKILL))")) {
            return Err(format!("./dev up does not report that a process of {function} died"));
        }
    }
    Ok(())
}

/// Kills a process during a request. The table of quotas is locked, so that the request cannot end before.
#[tokio::main]
pub async fn kill_during_request(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    let to_text = |error: tokio_postgres::Error| error.to_string();
    let url = &stack.settings()["DATABASE_MIGRATE_URL"];
    let (database, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.map_err(to_text)?;
    tokio::spawn(connection);
    database.batch_execute("begin; lock table quotas in access exclusive mode").await.map_err(to_text)?;
    let (asking, begun) = (caller.clone(), Instant::now());
    let call = tokio::spawn(async move { asking.call(Method::GET, QUOTA, None).await });
    let waits = "select from pg_locks where relation = 'quotas'::regclass and not granted";
    while database.query(waits, &[]).await.map_err(to_text)?.is_empty() {
        if begun.elapsed() > Duration::from_secs(20) || call.is_finished() {
            return Err("the request does not wait for the lock".into());
        }
    }
    stack.kill(&stack.program("quota"));
    let (status, body) = call.await.map_err(|error| error.to_string())?;
    if status != 500 || begun.elapsed() > Duration::from_secs(30) {
        return Err(format!("{status} {body} after {:?}", begun.elapsed()));
    }
    database.batch_execute("rollback").await.map_err(to_text)?;
    caller.get(QUOTA).await;
    Ok(())
}

/// Kills the sandboxes, which start the processes of the functions.
#[tokio::main]
pub async fn kill_sandboxes(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    for round in 0..=CONCURRENCY {
        let dead = stack.kill("/local sandbox ");
        if dead.is_empty() {
            return Err("no sandbox was found".into());
        }
        wait_until_gone(&dead)?;
        let begun = Instant::now();
        let (first, _) = caller.call(Method::GET, QUOTA, None).await;
        if begun.elapsed() > Duration::from_secs(30) || ![200, 500, 503].contains(&first) {
            return Err(format!("round {round}: {first} after {:?}", begun.elapsed()));
        }
        caller.get(QUOTA).await;
    }
    Ok(())
}

fn wait_until_gone(processes: &[crate::stack::Process]) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Some(process) = processes.iter().find(|process| process.is_running()) {
        if Instant::now() > deadline {
            return Err(format!("{process:?} still runs after 20 s"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Invokes a function. The first invocation may fail, because a process died; the second must succeed. The
/// error has the last lines about the function in the functions' log.
fn invoke(stack: &Stack, function: &str) -> Result<(), String> {
    let mut complaints = Vec::new();
    for _ in 0..2 {
        let begun = Instant::now();
        let output = stack.dev(&["invoke", function]).output().map_err(|error| error.to_string())?;
        if begun.elapsed() > Duration::from_secs(30) {
            let log = last_log_lines(stack, function);
            return Err(format!("answered after {:?}\n{log}", begun.elapsed()));
        }
        if output.status.success() {
            return Ok(());
        }
        complaints.push(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Err(format!("{}\n{}", complaints.concat(), last_log_lines(stack, function)))
}

fn last_log_lines(stack: &Stack, function: &str) -> String {
    let log = stack.log("functions.log");
    let lines: Vec<_> = log.lines().filter(|line| line.contains(function)).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
