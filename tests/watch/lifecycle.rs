//! Stopping and starting again, and parts that die.

use crate::caller::Caller;
use crate::stack::Stack;

pub fn no_process_is_left(stack: &Stack) -> Result<(), String> {
    stack.up();
    if stack.processes().is_empty() {
        return Err("no process of the stack is found while it runs: this check sees nothing".into());
    }
    stack.interrupt();
    let left = stack.processes();
    if left.is_empty() { Ok(()) } else { Err(format!("left behind: {left:#?}")) }
}

#[tokio::main]
pub async fn data_is_kept(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    let id = caller.store(b"kept".to_vec()).await;
    caller.confirm(&id).await;
    stack.interrupt();
    stack.up();
    let mut caller = Caller::with_email(stack, &caller.email);
    let status = caller.login("Correct-Horse-7").await;
    if status != 200 {
        return Err(format!("login after the restart: {status}"));
    }
    let document = caller.get(&format!("/api/documents/{id}")).await;
    if document["filename"] != "a.txt" || document["confirmed_at"].is_null() {
        return Err(format!("after the restart: {document}"));
    }
    Ok(())
}

/// Each part of the stack, and what tells its process from all others.
const PARTS: [(&str, &str); 5] = [
    ("postgres", "/postgres -D "),
    ("minio", "/minio server "),
    ("sqs", "/moto_server "),
    ("functions", "/cargo-lambda lambda watch "),
    ("local", "/local run "),
];

pub fn a_dead_part_is_named(stack: &Stack) -> Result<(), String> {
    for (part, words) in PARTS {
        stack.up();
        let killed = stack.kill(words);
        if killed != 1 {
            return Err(format!("{killed} processes are {part}"));
        }
        let (well, complaint) = stack.ended();
        if well || !complaint.contains(&format!("{part} stopped by itself (exit code -9)")) {
            return Err(format!("{part} was killed, and ./dev up said: {complaint}"));
        }
        let left = stack.processes();
        if !left.is_empty() {
            return Err(format!("{part} was killed, and this was left behind: {left:#?}"));
        }
    }
    Ok(())
}
