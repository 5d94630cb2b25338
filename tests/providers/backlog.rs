//! Thirty documents whose provider never answers, and a good one, in one queue.

use std::time::Duration;

use aws_sdk_sqs::types::Message;
use docuvault::id::DocumentId;
use docuvault::limits::MAX_RECEIVES;
use serde_json::{Value, json};
use tests::TestVault;
use tests::poller::Poller;

use crate::played::{Played, Reply};
use crate::program::variables;
use crate::wire::{Api, filed};

const API: Api = Api::OpenAi;

/// A document is not begun in the last 31 seconds, which one may take where an answer may take one: of a batch of ten some are given
/// back unbegun.
const TIMEOUT: Duration = Duration::from_secs(35);

struct Backlog {
    vault: TestVault,
    good: DocumentId,
    dead_letters: String,
    pollers: [Poller; 3],
    played: Played,
}

impl Backlog {
    /// `place`: how many of the thirty are before the good one in the queue.
    async fn with_good_one_at(place: usize) -> Self {
        let vault = TestVault::new().await;
        vault.hide_messages_for(540).await;
        let dead_letters = vault.dead_letters_after(MAX_RECEIVES).await;
        let (alice, bob) = (vault.user().await, vault.user().await);
        let good = bob.keep("good.txt", b"the good one").await.document_id;
        let mut events = Vec::new();
        for number in 0..30 {
            let id = alice.keep(&format!("{number}.txt"), b"hello").await.document_id;
            events.push(vault.put_event(id).await);
        }
        events.insert(place, vault.put_event(good).await);
        for event in &events {
            vault.send(event).await;
        }
        let played = Played::start(|request| {
            if request.raw.contains("the good one") { API.says(&filed(&[])) } else { Reply::Silence }
        })
        .await;
        let mut variables = variables(&vault, API, &played.url);
        variables.insert("AI_TIMEOUT_SECONDS", "1".into());
        let start = || Poller::start(&vault, &variables, TIMEOUT);
        let pollers = [start().await, start().await, start().await];
        Self { vault, good, dead_letters, pollers, played }
    }

    /// Delivers until nothing is visible: what is not done is put off then. The good document is done, by the first who began it.
    async fn pass(&mut self) -> Vec<Message> {
        let Self { vault, pollers: [a, b, c], .. } = self;
        let work = async |poller: &mut Poller| {
            let mut left = Vec::new();
            while let Some(failed) = poller.turn().await {
                check(vault).await;
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

/// None has ended before its five attempts.
async fn check(vault: &TestVault) {
    let early = "select count(*) from documents where status = 'classification_failed' and attempts < 5";
    let early = vault.database.superuser().await.query_one(early, &[]).await.unwrap();
    assert_eq!(early.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_good_document_is_done_when_its_turn_comes_wherever_it_is_among_thirty_without_an_answer() {
    for place in [0, 9, 30] {
        Backlog::with_good_one_at(place).await.pass().await;
    }
}

#[tokio::test]
async fn thirty_documents_that_fail_have_five_attempts_each_and_none_is_a_dead_letter() {
    let mut backlog = Backlog::with_good_one_at(17).await;
    for pass in 0..5 {
        // By now silence has had most of them received more often than five times.
        if pass == 2 {
            backlog.played.set(|_| API.fails(503, ""));
        }
        let left = backlog.pass().await;
        assert_eq!(backlog.vault.messages_in(&backlog.dead_letters).await, 0);
        backlog.vault.end_pauses(&left).await;
    }
    assert_eq!(backlog.vault.messages_in(&backlog.vault.queue.url).await, 0);
    let ends = "select jsonb_agg(e order by e) from (
        select jsonb_build_array(status, failure_code, attempts, count(*)) e from documents group by status, failure_code, attempts) ends";
    let ends: Value = backlog.vault.database.superuser().await.query_one(ends, &[]).await.unwrap().get(0);
    assert_eq!(
        ends,
        json!([["classification_failed", "provider_unavailable", 5, 30], ["classified", null, 1, 1]])
    );
}
