//! How each operation is done.

use std::fmt;

use lambda_runtime::Context;
use serde_json::json;
use tests::{Answer, Client, Parts, put_event};

use crate::model::{self, Message, Model};
use crate::operation::{Bytes, Operation};
use crate::stage::{Fault, Stage};

/// The most rounds of sweeping and delivering until everything has come to rest.
const PATIENCE: usize = 30;

/// How an operation ended, as seen from outside.
#[derive(Debug)]
pub enum Outcome {
    /// Its sandbox died.
    Died,
    /// There was nothing to answer.
    Silent,
    /// The vault answered.
    Answered(Answer),
    /// The store answered.
    Stored(u16),
    /// The message was taken, or is to come back.
    Delivered { taken: bool },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(answer) => write!(f, "{} {}", answer.status, answer.body["code"]),
            other => write!(f, "{other:?}"),
        }
    }
}

/// Does it, and lets the world outside know what it learns.
pub async fn act(stage: &Stage, model: &mut Model, operation: Operation, fault: Fault) -> Outcome {
    match operation {
        Operation::Begin { user, length, declares_size, declares_sum } => {
            begin(stage, model, fault, user, length, (declares_size, declares_sum)).await
        }
        Operation::Put { document, bytes } => put(stage, model, document, bytes).await,
        Operation::Confirm { document } => {
            let (caller, id) = caller(model, document);
            ask(stage, fault, caller, async |client| client.confirm(id).await).await
        }
        Operation::Delete { document } => {
            let (caller, id) = caller(model, document);
            ask(stage, fault, caller, async |client| client.remove(id).await).await
        }
        Operation::Sweep => {
            // Sweeps are minutes apart.
            pass(stage, model, 5).await;
            sweep(stage, fault).await
        }
        Operation::Deliver { message, again } => deliver(stage, model, fault, message, again).await,
        Operation::Lose { message } => {
            model.messages.remove(message);
            Outcome::Silent
        }
        Operation::Collect => collect(stage, model).await,
        Operation::Age { minutes } => pass(stage, model, minutes).await,
        Operation::Limit { user, bytes } => {
            stage.vault.limit(model.users[user].id(), bytes).await;
            Outcome::Silent
        }
        Operation::Rest => rest(stage, model).await,
    }
}

fn caller(model: &Model, document: usize) -> (Client, docuvault::id::DocumentId) {
    let document = &model.documents[document];
    (model.users[document.user].clone(), document.upload.document_id)
}

async fn ask(
    stage: &Stage,
    fault: Fault,
    caller: Client,
    request: impl AsyncFnOnce(Client) -> Answer,
) -> Outcome {
    let asked = stage.run(fault, async |parts| request(caller.served_by(stage.vault.routes(&parts))).await);
    asked.await.map_or(Outcome::Died, Outcome::Answered)
}

async fn begin(
    stage: &Stage,
    model: &mut Model,
    fault: Fault,
    user: usize,
    length: usize,
    declares: (bool, bool),
) -> Outcome {
    let meant = model::bytes(model.documents.len(), length);
    let mut request = json!({"filename": "a.txt", "content_type": "text/plain"});
    if declares.0 {
        request["size_bytes"] = length.into();
    }
    if declares.1 {
        request["sha256"] = model::sum(&meant).into();
    }
    let post = async |client: Client| client.post("/api/documents/upload-url", request).await;
    let outcome = ask(stage, fault, model.users[user].clone(), post).await;
    if let Outcome::Answered(answer) = &outcome
        && answer.status == 201
    {
        model.began(user, serde_json::from_value(answer.body.clone()).unwrap(), declares, meant);
    }
    outcome
}

async fn put(stage: &Stage, model: &mut Model, number: usize, which: Bytes) -> Outcome {
    if !model.url_is_live(number) {
        return Outcome::Silent;
    }
    let document = &model.documents[number];
    let (bytes, mut headers) = (document.bytes(which), document.upload.headers.clone());
    if document.declares_size {
        headers.insert("content-length".into(), bytes.len().to_string());
    }
    let status = document.upload.put_with(&bytes, &headers).await;
    if status == 200 {
        let body = put_event(&stage.vault.bucket.name, &document.key);
        model.messages.push(Message { document: number, body });
        model.stored.insert(document.key.clone(), bytes);
    }
    Outcome::Stored(status)
}

async fn sweep(stage: &Stage, fault: Fault) -> Outcome {
    let sweep = async |Parts { db, storage, queue }: Parts| {
        let deadline = docuvault::deadline::Deadline::none();
        cleanup::sweep(&db, &storage.of("cleanup"), &queue, deadline).await.is_ok()
    };
    match stage.run(fault, sweep).await {
        None => Outcome::Died,
        Some(taken) => Outcome::Delivered { taken },
    }
}

async fn deliver(stage: &Stage, model: &mut Model, fault: Fault, message: usize, again: bool) -> Outcome {
    let body = [model.messages[message].body.clone()];
    let invoke = async |parts| stage.vault.classify_by(parts, Context::default(), &body).await;
    let Some(failed) = stage.run(fault, invoke).await else { return Outcome::Died };
    if failed.is_empty() && !again {
        model.messages.remove(message);
    }
    Outcome::Delivered { taken: failed.is_empty() }
}

async fn collect(stage: &Stage, model: &mut Model) -> Outcome {
    let mut collected = Vec::new();
    for body in stage.vault.take_messages().await {
        // Of an upload whose client never had an answer, there is none.
        if let Some(document) = model.number(body["document_id"].as_str().unwrap()) {
            collected.push(Message { document, body: body.to_string() });
        }
    }
    // A batch has no order of its own.
    collected.sort_by_key(|message| message.document);
    model.messages.extend(collected);
    Outcome::Silent
}

async fn pass(stage: &Stage, model: &mut Model, minutes: u32) -> Outcome {
    stage.vault.age_minutes(minutes.cast_signed()).await;
    model.clock += minutes;
    Outcome::Silent
}

/// Put-notifications that are under way stay there: they come late. The vault's own messages arrive.
async fn rest(stage: &Stage, model: &mut Model) -> Outcome {
    let late = std::mem::take(&mut model.messages);
    for _ in 0..PATIENCE {
        pass(stage, model, 25).await;
        sweep(stage, Fault::None).await;
        collect(stage, model).await;
        if model.messages.is_empty() {
            model.messages = late;
            return Outcome::Silent;
        }
        while !model.messages.is_empty() {
            deliver(stage, model, Fault::None, 0, false).await;
        }
    }
    panic!("the vault does not come to rest");
}
