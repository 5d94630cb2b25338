//! Many at once, and functions whose processes die.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::routes;
use crate::stack::{CONCURRENCY, Stack};

const QUOTA: &str = "/api/auth/me/quota";

/// Makes this many calls at once; answers how many ended with which status. Who is to come again is told when.
async fn at_once(count: usize, caller: &Caller, method: Method, path: &'static str) -> BTreeMap<u16, usize> {
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
pub async fn uploads(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    let statuses = at_once(130, &caller, Method::POST, "/api/documents/upload-url").await;
    if statuses == BTreeMap::from([(201, 100), (429, 30)]) { Ok(()) } else { Err(format!("{statuses:?}")) }
}

#[tokio::main]
pub async fn five_hundred(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    let statuses = at_once(500, &caller, Method::GET, QUOTA).await;
    if statuses.keys().any(|status| ![200, 429, 503].contains(status)) || !statuses.contains_key(&200) {
        return Err(format!("{statuses:?}"));
    }
    caller.get(QUOTA).await;
    Ok(())
}

/// More often than there are processes: an emulator that counted the dead would have none left.
pub fn killed(stack: &Stack) -> Result<(), String> {
    stack.up();
    for function in routes::functions()? {
        for round in 0..=CONCURRENCY {
            invoke(stack, &function).map_err(|error| format!("{function}, round {round}: {error}"))?;
            let dead = stack.function(&function);
            if dead.is_empty() {
                return Err(format!("no process of {function} is found"));
            }
            stack.kill(&stack.program(&function));
            gone(&dead)?;
        }
        invoke(stack, &function).map_err(|error| format!("{function}, at last: {error}"))?;
    }
    for function in routes::functions()? {
        if !stack.says(&format!("a process of {function} died (signal: 9 (SIGKILL))")) {
            return Err(format!("./dev up does not tell of {function}'s deaths"));
        }
    }
    Ok(())
}

/// The quotas are locked, so that the process is at work when it is killed.
#[tokio::main]
pub async fn killed_at_work(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    let told = |error: tokio_postgres::Error| error.to_string();
    let url = &stack.settings()["DATABASE_MIGRATE_URL"];
    let (database, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.map_err(told)?;
    tokio::spawn(connection);
    database.batch_execute("begin; lock table quotas in access exclusive mode").await.map_err(told)?;
    let (asking, begun) = (caller.clone(), Instant::now());
    let call = tokio::spawn(async move { asking.call(Method::GET, QUOTA, None).await });
    let waits = "select from pg_locks where relation = 'quotas'::regclass and not granted";
    while database.query(waits, &[]).await.map_err(told)?.is_empty() {
        if begun.elapsed() > Duration::from_secs(20) || call.is_finished() {
            return Err("the request does not wait for the lock".into());
        }
    }
    stack.kill(&stack.program("quota"));
    let (status, body) = call.await.map_err(|error| error.to_string())?;
    if status != 500 || begun.elapsed() > Duration::from_secs(30) {
        return Err(format!("{status} {body} after {:?}", begun.elapsed()));
    }
    database.batch_execute("rollback").await.map_err(told)?;
    caller.get(QUOTA).await;
    Ok(())
}

/// What keeps the functions' processes alive is a process itself.
#[tokio::main]
pub async fn sandboxes_killed(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    for round in 0..=CONCURRENCY {
        let sandboxes = "/local sandbox ";
        let dead: Vec<_> =
            stack.processes().into_iter().filter(|process| process.command.contains(sandboxes)).collect();
        if stack.kill(sandboxes) == 0 {
            return Err("no sandbox is found".into());
        }
        gone(&dead)?;
        let begun = Instant::now();
        let (first, _) = caller.call(Method::GET, QUOTA, None).await;
        if begun.elapsed() > Duration::from_secs(30) || ![200, 500, 503].contains(&first) {
            return Err(format!("round {round}: {first} after {:?}", begun.elapsed()));
        }
        caller.get(QUOTA).await;
    }
    Ok(())
}

fn gone(processes: &[crate::stack::Process]) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Some(process) = processes.iter().find(|process| process.runs()) {
        if Instant::now() > deadline {
            return Err(format!("{process:?} survives"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Whoever is in the midst of a death may get an error; the next one gets an answer.
fn invoke(stack: &Stack, function: &str) -> Result<(), String> {
    let mut complaints = Vec::new();
    for _ in 0..2 {
        let begun = Instant::now();
        let output = stack.dev(&["invoke", function]).output().map_err(|error| error.to_string())?;
        if begun.elapsed() > Duration::from_secs(30) {
            return Err(format!("answered after {:?}", begun.elapsed()));
        }
        if output.status.success() {
            return Ok(());
        }
        complaints.push(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Err(complaints.concat())
}
