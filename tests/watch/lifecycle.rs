//! Tests that stop the stack, start it again, and kill its services.

use crate::caller::Caller;
use crate::stack::{EMULATOR, Stack};

pub fn check_no_process_is_left(stack: &Stack) -> Result<(), String> {
    stack.up();
    if stack.processes().is_empty() {
        return Err(
            "no process of the running stack was found, so that this check cannot see processes".into()
        );
    }
    stack.interrupt();
    let left = stack.processes();
    if left.is_empty() { Ok(()) } else { Err(format!("these processes still run: {left:#?}")) }
}

#[tokio::main]
pub async fn check_data_is_kept(stack: &Stack) -> Result<(), String> {
    let caller = Caller::register(stack).await;
    let id = caller.store_pending(b"kept".to_vec()).await;
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

/// The services of the stack, and words of the command line of each.
const SERVICES: [(&str, &str); 5] = [
    ("postgres", "/postgres -D "),
    ("minio", "/minio server "),
    ("sqs", "/moto_server "),
    ("functions", EMULATOR),
    ("local", "/local run "),
];

pub fn check_dead_service_is_named(stack: &Stack) -> Result<(), String> {
    for (service, words) in SERVICES {
        stack.up();
        stack.find_service(words)?.kill();
        let (well, complaint) = stack.wait_for_end();
        if well || !complaint.contains(&format!("{service} stopped by itself (exit code -9)")) {
            return Err(format!("{service} was killed, and ./dev up printed: {complaint}"));
        }
        let left = stack.processes();
        if !left.is_empty() {
            return Err(format!("{service} was killed, and these processes still run: {left:#?}"));
        }
    }
    Ok(())
}
