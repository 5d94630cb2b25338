//! Many at once, and functions whose processes die.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::routes;
use crate::stack::{CONCURRENCY, Stack};

/// Makes this many calls at once; answers how many ended with which status.
async fn at_once(count: usize, caller: &Caller, method: Method, path: &'static str) -> BTreeMap<u16, usize> {
    let file = json!({"filename": "a.txt", "content_type": "text/plain"});
    let body = (method == Method::POST).then_some(file);
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let (caller, method, body) = (caller.clone(), method.clone(), body.clone());
        tasks.spawn(async move { caller.call(method, path, body).await.0 });
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
    let statuses = at_once(500, &caller, Method::GET, "/api/auth/me/quota").await;
    if statuses.keys().any(|status| ![200, 429, 503].contains(status)) || !statuses.contains_key(&200) {
        return Err(format!("{statuses:?}"));
    }
    caller.get("/api/auth/me/quota").await;
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
    let told = stack.log("functions.log").matches("a function's process died").count();
    if told == 0 { Err("no death was written down".into()) } else { Ok(()) }
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
        let (first, _) = caller.call(Method::GET, "/api/auth/me/quota", None).await;
        if begun.elapsed() > Duration::from_secs(30) || ![200, 500, 503].contains(&first) {
            return Err(format!("round {round}: {first} after {:?}", begun.elapsed()));
        }
        caller.get("/api/auth/me/quota").await;
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
