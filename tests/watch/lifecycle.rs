//! Stopping and starting again.

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
