//! A queue with thirty documents whose provider never answers, and one good document.

use std::time::Duration;

use aws_sdk_sqs::types::Message;
use docuvault::id::DocumentId;
use docuvault::limits::MAX_RECEIVES;
use serde_json::{Value, json};
use tests::TestVault;
use tests::poller::Poller;

use crate::api_formats::{Api, topics_answer};
use crate::fake_provider::{FakeProvider, Reply};
use crate::program::variables;

const API: Api = Api::OpenAi;

/// The timeout of an invocation. `classify` begins no document in the last 31 s before the deadline: a
/// document may take that long if the timeout of an answer is 1 s. So of each batch of ten messages it begins
/// only some, and the others fail and come back.
const TIMEOUT: Duration = Duration::from_secs(35);

struct Backlog {
    vault: TestVault,
    good: DocumentId,
    dead_letters: String,
    pollers: [Poller; 3],
    provider: FakeProvider,
}

impl Backlog {
    /// Creates a queue with 30 documents for which the provider never answers, and one good document for
    /// which it answers. `place` is the number of documents before the good one.
    async fn with_good_document_at(place: usize) -> Self {
        let vault = TestVault::new().await;
        vault.set_visibility_timeout(540).await;
        let dead_letters = vault.create_dead_letter_queue(MAX_RECEIVES).await;
        let (alice, bob) = (vault.create_user().await, vault.create_user().await);
        let good = bob.store_confirmed("good.txt", b"the good one").await.document_id;
        let mut events = Vec::new();
        for number in 0..30 {
            let id = alice.store_confirmed(&format!("{number}.txt"), b"hello").await.document_id;
            events.push(vault.put_notification(id).await);
        }
        events.insert(place, vault.put_notification(good).await);
        for event in &events {
            vault.send_message(event).await;
        }
        let provider = FakeProvider::start(|request| {
            if request.raw.contains("the good one") {
                API.answer(&topics_answer(&[]))
            } else {
                Reply::NoAnswer
            }
        })
        .await;
        let mut variables = variables(&vault, API, &provider.url);
        variables.insert("AI_TIMEOUT_SECONDS", "1".into());
        let start = || Poller::start(&vault, &variables, TIMEOUT);
        let pollers = [start().await, start().await, start().await];
        Self { vault, good, dead_letters, pollers, provider }
    }

    /// Delivers messages until none is visible, and returns the messages that failed. Asserts that the good
    /// document was classified at its first attempt.
    async fn deliver_all(&mut self) -> Vec<Message> {
        let Self { vault, pollers: [a, b, c], .. } = self;
        let work = async |poller: &mut Poller| {
            let mut left = Vec::new();
            while let Some(failed) = poller.poll_once().await {
                assert_none_failed_early(vault).await;
                left.extend(failed);
            }
            left
        };
        let (mut left, b, c) = tokio::join!(work(a), work(b), work(c));
        left.extend(b.into_iter().chain(c));
        let good = self.vault.columns(self.good, &["status", "attempts"]).await;
        assert_eq!(good, [json!("classified"), json!(1)]);
        left
    }
}

/// Asserts that no document failed before its fifth attempt.
async fn assert_none_failed_early(vault: &TestVault) {
    let early = "select count(*) from documents where status = 'classification_failed' and attempts < 5";
    let early = vault.database.superuser().await.query_one(early, &[]).await.unwrap();
    assert_eq!(early.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_good_document_is_classified_in_its_turn_among_thirty_unanswered_ones() {
    for place in [0, 9, 30] {
        Backlog::with_good_document_at(place).await.deliver_all().await;
    }
}

#[tokio::test]
async fn thirty_failing_documents_get_five_attempts_each_and_no_message_becomes_a_dead_letter() {
    let mut backlog = Backlog::with_good_document_at(17).await;
    for round in 0..5 {
        // By now most messages were received more than five times, because their batches timed out.
        if round == 2 {
            backlog.provider.answer_with(|_| API.error(503, ""));
        }
        let left = backlog.deliver_all().await;
        assert_eq!(backlog.vault.count_messages(&backlog.dead_letters).await, 0);
        backlog.vault.end_pauses(&left).await;
    }
    assert_eq!(backlog.vault.count_messages(&backlog.vault.queue.url).await, 0);
    let ends = "select jsonb_agg(e order by e) from (
        select jsonb_build_array(status, failure_code, attempts, count(*)) e from documents group by status, failure_code, attempts) ends";
    let ends: Value = backlog.vault.database.superuser().await.query_one(ends, &[]).await.unwrap().get(0);
    assert_eq!(
        ends,
        json!([["classification_failed", "provider_unavailable", 5, 30], ["classified", null, 1, 1]])
    );
}
