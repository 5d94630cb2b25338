//! A queue of small documents: `classify` against a bare consumer, which receives, GETs, updates the row and deletes the message.

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
use crate::world::World;
use crate::{Bench, process};

const ROUNDS: usize = 10;

/// Documents of each side in a round.
const DOCUMENTS: usize = 100;

/// The most messages that SQS gives or takes at once.
const BATCH: usize = 10;

/// Both sides in turns, round by round.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let world = World::new().await;
    let queue = Queue::of(&world);
    let (postgres, store) = counters(&world).await?;
    let variables = world.variables_by(&postgres.address, &store.address);
    let mut sandbox = Sandbox::start(&bench.programs, "classify", &variables).await?;
    let warm_up = documents(&world, BATCH).await?;
    classify(&queue, &mut sandbox, &warm_up).await?;
    let before = (postgres.count(), store.count());
    let counted = documents(&world, BATCH).await?;
    classify(&queue, &mut sandbox, &counted).await?;
    let each = |now: usize, before: usize| (now - before) as f64 / BATCH as f64;
    let trips = (each(postgres.count(), before.0), each(store.count(), before.1));
    let (mut ratios, mut rates) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds(ROUNDS) {
        let (mine, other) = (documents(&world, DOCUMENTS).await?, documents(&world, DOCUMENTS).await?);
        let (mine, floor) =
            (classify(&queue, &mut sandbox, &mine).await?, consume(&queue, &world, &other).await?);
        ratios.push(mine / floor);
        rates.push(mine);
    }
    let (ratio, peak) = (median(&ratios), process::peak_mib(sandbox.pid)?);
    Ok(vec![
        Line::judged(
            "queue of 1,000 small documents, builtin",
            ">= 0.7 x the rate of a bare consumer",
            format!("{ratio:.2} x ({:.0} a second)", median(&rates)),
            ratio >= 0.7,
        ),
        Line::told(
            "round trips per document of classify",
            format!("{} Postgres + {} store", trips.0, trips.1),
        ),
        Line::judged("classify: resident, at most", "<= 64 MiB", format!("{peak:.1} MiB"), peak <= 64.0),
    ])
}

async fn counters(world: &World) -> Result<(Counter, Counter)> {
    let postgres = Counter::before(&world.vault.database.address(), Protocol::Postgres).await?;
    let store = Counter::before(&tests::Environment::read().s3_endpoint, Protocol::Http).await?;
    Ok((postgres, store))
}

/// Confirmed documents whose classification is owed.
async fn documents(world: &World, count: usize) -> Result<Vec<Seeded>> {
    let rows = seed::documents(world, i64::try_from(count)?, "uploaded", "1 minute").await?;
    seed::objects(world, &rows).await?;
    Ok(rows)
}

/// Documents a second, from the queue to `classified`.
async fn classify(queue: &Queue, sandbox: &mut Sandbox, documents: &[Seeded]) -> Result<f64> {
    let bodies = documents.iter().map(|(id, _)| json!({"document_id": id}).to_string()).collect::<Vec<_>>();
    queue.send(&bodies).await?;
    let (begun, mut done) = (Instant::now(), 0);
    while done < documents.len() {
        let messages = queue.receive().await?;
        let records: Vec<Value> = messages.iter().map(record).collect();
        let event = json!({"Records": records}).to_string();
        let answer = sandbox.invoke(&Request { what: "a batch".into(), event, status: None }).await?;
        ensure!(answer.body == json!({"batchItemFailures": []}), "classify says {}", answer.body);
        queue.delete(&messages).await?;
        done += messages.len();
    }
    Ok(documents.len() as f64 / begun.elapsed().as_secs_f64())
}

/// The same by a consumer that does nothing else.
async fn consume(queue: &Queue, world: &World, documents: &[Seeded]) -> Result<f64> {
    let bodies = documents.iter().map(|(id, key)| json!([id, key]).to_string()).collect::<Vec<_>>();
    queue.send(&bodies).await?;
    let (begun, mut done) = (Instant::now(), 0);
    while done < documents.len() {
        let messages = queue.receive().await?;
        for message in &messages {
            let (id, key): Seeded = serde_json::from_str(message.body().unwrap_or_default())?;
            let bucket = &world.vault.bucket;
            let object = bucket.client.get_object().bucket(&bucket.name).key(key).send().await?;
            object.body.collect().await?;
            let statement = "update documents set status = 'classified' where id = $1";
            world.superuser.execute(statement, &[&id]).await?;
        }
        queue.delete(&messages).await?;
        done += messages.len();
    }
    Ok(documents.len() as f64 / begun.elapsed().as_secs_f64())
}

fn record(message: &Message) -> Value {
    json!({"messageId": message.message_id(), "receiptHandle": message.receipt_handle(), "body": message.body()})
}

/// The queue, as Lambda's poller sees it.
struct Queue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl Queue {
    fn of(world: &World) -> Self {
        let queue = &world.vault.queue;
        Self { client: tests::sqs(queue), url: queue.url.clone() }
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
        answer.await?.messages.context("a message is missing")
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
