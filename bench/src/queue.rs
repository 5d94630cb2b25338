//! Compares `classify` with a bare consumer on a queue of small documents. The consumer receives messages,
//! GETs objects, updates rows and deletes messages.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, SendMessageBatchRequestEntry};
use serde_json::{Value, json};

use crate::counter::{Counter, Protocol};
use crate::requests::Request;
use crate::sandbox::Sandbox;
use crate::seed::{self, Seeded};
use crate::statistics::median;
use crate::table::Line;
use crate::vault::MeasuredVault;
use crate::{Bench, process};

const ROUNDS: usize = 10;

/// The number of documents for `classify` in a round. The bare consumer gets as many.
const DOCUMENTS: usize = 100;

/// The most messages in one request to SQS.
const BATCH: usize = 10;

/// Runs `classify` and the bare consumer in turns, in rounds.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let vault = MeasuredVault::new().await;
    let queue = Queue::new(&vault);
    let (postgres, store) = start_counters(&vault).await?;
    let variables = vault.variables_at(&postgres.address, &store.address);
    let mut sandbox = Sandbox::start(&bench.programs, "classify", &variables).await?;
    let warm_up = create_documents(&vault, BATCH).await?;
    classify(&queue, &mut sandbox, &warm_up).await?;
    let before = (postgres.count(), store.count());
    let counted = create_documents(&vault, BATCH).await?;
    classify(&queue, &mut sandbox, &counted).await?;
    let each = |now: usize, before: usize| (now - before) as f64 / BATCH as f64;
    let trips = (each(postgres.count(), before.0), each(store.count(), before.1));
    let (mut ratios, mut rates) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds(ROUNDS) {
        let (mine, other) =
            (create_documents(&vault, DOCUMENTS).await?, create_documents(&vault, DOCUMENTS).await?);
        let (mine, floor) =
            (classify(&queue, &mut sandbox, &mine).await?, consume(&queue, &vault, &other).await?);
        ratios.push(mine / floor);
        rates.push(mine);
    }
    let (ratio, peak) = (median(&ratios), process::peak_mib(sandbox.pid)?);
    Ok(vec![
        Line::with_target(
            "queue of 1,000 small documents, builtin",
            ">= 0.7 x the rate of a bare consumer",
            format!("{ratio:.2} x ({:.0} a second)", median(&rates)),
            ratio >= 0.7,
        ),
        Line::without_target(
            "round trips per document of classify",
            format!("{} Postgres + {} store", trips.0, trips.1),
        ),
        Line::with_target(
            "classify: peak resident memory",
            "<= 64 MiB",
            format!("{peak:.1} MiB"),
            peak <= 64.0,
        ),
    ])
}

async fn start_counters(vault: &MeasuredVault) -> Result<(Counter, Counter)> {
    let postgres = Counter::start(&vault.test.database.address(), Protocol::Postgres).await?;
    let store = Counter::start(&tests::Environment::read().s3_endpoint, Protocol::Http).await?;
    Ok((postgres, store))
}

/// Creates confirmed documents that are not classified.
async fn create_documents(vault: &MeasuredVault, count: usize) -> Result<Vec<Seeded>> {
    let rows = seed::create_documents(vault, i64::try_from(count)?, "uploaded", "1 minute").await?;
    seed::store_objects(vault, &rows).await?;
    Ok(rows)
}

/// Classifies documents from the queue. Returns documents a second.
async fn classify(queue: &Queue, sandbox: &mut Sandbox, documents: &[Seeded]) -> Result<f64> {
    let bodies = documents.iter().map(|(id, _)| json!({"document_id": id}).to_string()).collect::<Vec<_>>();
    queue.send(&bodies).await?;
    let (begun, mut done) = (Instant::now(), 0);
    while done < documents.len() {
        let messages = queue.receive().await?;
        let records: Vec<Value> = messages.iter().map(build_record).collect();
        let event = json!({"Records": records}).to_string();
        let answer = sandbox.invoke(&Request { what: "a batch".into(), event, status: None }).await?;
        ensure!(answer.body == json!({"batchItemFailures": []}), "classify answered {}", answer.body);
        queue.delete(&messages).await?;
        done += messages.len();
    }
    Ok(documents.len() as f64 / begun.elapsed().as_secs_f64())
}

/// Handles documents from the queue with the bare consumer. Returns documents a second.
async fn consume(queue: &Queue, vault: &MeasuredVault, documents: &[Seeded]) -> Result<f64> {
    let bodies = documents.iter().map(|(id, key)| json!([id, key]).to_string()).collect::<Vec<_>>();
    queue.send(&bodies).await?;
    let (begun, mut done) = (Instant::now(), 0);
    while done < documents.len() {
        let messages = queue.receive().await?;
        for message in &messages {
            let (id, key): Seeded = serde_json::from_str(message.body().unwrap_or_default())?;
            let bucket = &vault.test.bucket;
            let object = bucket.client.get_object().bucket(&bucket.name).key(key).send().await?;
            object.body.collect().await?;
            let statement = "update documents set status = 'classified' where id = $1";
            vault.superuser.execute(statement, &[&id]).await?;
        }
        queue.delete(&messages).await?;
        done += messages.len();
    }
    Ok(documents.len() as f64 / begun.elapsed().as_secs_f64())
}

fn build_record(message: &Message) -> Value {
    json!({"messageId": message.message_id(), "receiptHandle": message.receipt_handle(), "body": message.body()})
}

/// The queue, as Lambda's poller uses it.
struct Queue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl Queue {
    fn new(vault: &MeasuredVault) -> Self {
        let queue = &vault.test.queue;
        Self { client: tests::sqs_client(queue), url: queue.url.clone() }
    }

    async fn send(&self, bodies: &[String]) -> Result<()> {
        for batch in bodies.chunks(BATCH) {
            let entries = batch.iter().enumerate().map(|(n, body)| {
                SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(body).build()
            });
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await?;
        }
        Ok(())
    }

    async fn receive(&self) -> Result<Vec<Message>> {
        let most = i32::try_from(BATCH)?;
        let answer = self.client.receive_message().queue_url(&self.url).max_number_of_messages(most).send();
        answer.await?.messages.context("the queue is empty, but messages are missing")
    }

    async fn delete(&self, messages: &[Message]) -> Result<()> {
        let entries = messages.iter().enumerate().map(|(n, message)| {
            let receipt = message.receipt_handle().unwrap_or_default();
            DeleteMessageBatchRequestEntry::builder().id(n.to_string()).receipt_handle(receipt).build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        self.client.delete_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await?;
        Ok(())
    }
}
