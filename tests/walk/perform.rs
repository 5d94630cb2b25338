//! Performs operations on the vault under test.

use std::fmt;

use lambda_runtime::Context;
use serde_json::json;
use tests::{Client, Response, Services, put_notification};

use crate::fixture::{Fault, Fixture};
use crate::model::{self, Message, Model};
use crate::operation::{Bytes, Operation};

/// The most rounds of sweeping and delivering until no message is left.
const MAX_REST_ROUNDS: usize = 30;

/// The end of an operation, as a client sees it.
#[derive(Debug)]
pub enum Outcome {
    /// The sandbox died.
    Died,
    /// The operation ended, and has no answer.
    Silent,
    /// The vault answered with this response.
    Answered(Response),
    /// The store answered with this status.
    Stored(u16),
    /// A message was delivered to `classify`, or a sweep ran. If `taken` is false, the message will come
    /// back, or the sweep failed.
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

/// Performs an operation, and records in the model what clients learn from it.
pub async fn perform(fixture: &Fixture, model: &mut Model, operation: Operation, fault: Fault) -> Outcome {
    match operation {
        Operation::Begin { user, length, declares_size, declares_sha256 } => {
            begin(fixture, model, fault, user, length, (declares_size, declares_sha256)).await
        }
        Operation::Put { document, bytes } => put(fixture, model, document, bytes).await,
        Operation::Confirm { document } => {
            let (caller, id) = caller(model, document);
            ask(fixture, fault, caller, async |client| client.confirm(id).await).await
        }
        Operation::Delete { document } => {
            let (caller, id) = caller(model, document);
            ask(fixture, fault, caller, async |client| client.delete_document(id).await).await
        }
        Operation::Sweep => {
            // There are minutes between two sweeps.
            pass_time(fixture, model, 5).await;
            sweep(fixture, fault).await
        }
        Operation::Deliver { message, again } => deliver(fixture, model, fault, message, again).await,
        Operation::Lose { message } => {
            model.messages.remove(message);
            Outcome::Silent
        }
        Operation::Collect => collect(fixture, model).await,
        Operation::Age { minutes } => pass_time(fixture, model, minutes).await,
        Operation::Limit { user, bytes } => {
            fixture.vault.set_limit(model.users[user].id(), bytes).await;
            Outcome::Silent
        }
        Operation::Rest => rest(fixture, model).await,
    }
}

fn caller(model: &Model, document: usize) -> (Client, docuvault::id::DocumentId) {
    let document = &model.documents[document];
    (model.users[document.user].clone(), document.upload.document_id)
}

async fn ask(
    fixture: &Fixture,
    fault: Fault,
    caller: Client,
    request: impl AsyncFnOnce(Client) -> Response,
) -> Outcome {
    let asked =
        fixture.run(fault, async |services| request(caller.served_by(fixture.vault.routes(&services))).await);
    asked.await.map_or(Outcome::Died, Outcome::Answered)
}

async fn begin(
    fixture: &Fixture,
    model: &mut Model,
    fault: Fault,
    user: usize,
    length: usize,
    declares: (bool, bool),
) -> Outcome {
    let declared_bytes = model::distinct_bytes(model.documents.len(), length);
    let mut request = json!({"filename": "a.txt", "content_type": "text/plain"});
    if declares.0 {
        request["size_bytes"] = length.into();
    }
    if declares.1 {
        request["sha256"] = model::declared_sha256(&declared_bytes).into();
    }
    let post = async |client: Client| client.post("/api/documents/upload-url", request).await;
    let outcome = ask(fixture, fault, model.users[user].clone(), post).await;
    if let Outcome::Answered(answer) = &outcome
        && answer.status == 201
    {
        model.record_upload(
            user,
            serde_json::from_value(answer.body.clone()).unwrap(),
            declares,
            declared_bytes,
        );
    }
    outcome
}

async fn put(fixture: &Fixture, model: &mut Model, number: usize, which: Bytes) -> Outcome {
    if !model.has_live_url(number) {
        return Outcome::Silent;
    }
    let document = &model.documents[number];
    let (bytes, mut headers) = (document.bytes(which), document.upload.headers.clone());
    if document.declares_size {
        headers.insert("content-length".into(), bytes.len().to_string());
    }
    let status = document.upload.put_with(&bytes, &headers).await;
    if status == 200 {
        let body = put_notification(&fixture.vault.bucket.name, &document.key);
        model.messages.push(Message { document: number, body });
        model.stored.insert(document.key.clone(), bytes);
    }
    Outcome::Stored(status)
}

async fn sweep(fixture: &Fixture, fault: Fault) -> Outcome {
    let sweep = async |Services { db, storage, queue }: Services| {
        let deadline = docuvault::deadline::Deadline::none();
        cleanup::sweep(&db, &storage.stores_of("cleanup"), &queue, deadline).await.is_ok()
    };
    match fixture.run(fault, sweep).await {
        None => Outcome::Died,
        Some(taken) => Outcome::Delivered { taken },
    }
}

async fn deliver(fixture: &Fixture, model: &mut Model, fault: Fault, message: usize, again: bool) -> Outcome {
    let body = [model.messages[message].body.clone()];
    let invoke = async |services| fixture.vault.classify_with(services, Context::default(), &body).await;
    let Some(failed) = fixture.run(fault, invoke).await else { return Outcome::Died };
    if failed.is_empty() && !again {
        model.messages.remove(message);
    }
    Outcome::Delivered { taken: failed.is_empty() }
}

async fn collect(fixture: &Fixture, model: &mut Model) -> Outcome {
    let mut collected = Vec::new();
    for body in fixture.vault.take_messages().await {
        // If the client never got the answer to its upload request, the model does not know the document.
        if let Some(document) = model.document_number(body["document_id"].as_str().unwrap()) {
            collected.push(Message { document, body: body.to_string() });
        }
    }
    // SQS batches are unordered; sorting makes the walk repeatable.
    collected.sort_by_key(|message| message.document);
    model.messages.extend(collected);
    Outcome::Silent
}

async fn pass_time(fixture: &Fixture, model: &mut Model, minutes: u32) -> Outcome {
    fixture.vault.age_minutes(minutes.cast_signed()).await;
    model.clock += minutes;
    Outcome::Silent
}

/// Runs sweeps and delivers the vault's own messages until none is left. Put-notifications that have not
/// arrived stay in the queue, and arrive later.
async fn rest(fixture: &Fixture, model: &mut Model) -> Outcome {
    let late = std::mem::take(&mut model.messages);
    for _ in 0..MAX_REST_ROUNDS {
        pass_time(fixture, model, 25).await;
        sweep(fixture, Fault::None).await;
        collect(fixture, model).await;
        if model.messages.is_empty() {
            model.messages = late;
            return Outcome::Silent;
        }
        while !model.messages.is_empty() {
            deliver(fixture, model, Fault::None, 0, false).await;
        }
    }
    panic!("the vault still sends messages after {MAX_REST_ROUNDS} rounds");
}
