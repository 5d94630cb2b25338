//! How many live upload URLs an account may hold: of pending uploads, and of what was deleted since (SPEC section 2.1).

use std::collections::BTreeMap;

use serde_json::json;
use tests::{Answer, Client, TestVault};

use crate::assert_problem;

async fn ask(client: &Client) -> Answer {
    client.post("/api/documents/upload-url", json!({"filename": "a.txt", "content_type": "text/plain"})).await
}

fn retry_after(answer: &Answer) -> u64 {
    answer.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

/// How many of each status.
fn counted(statuses: impl IntoIterator<Item = u16>) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for status in statuses {
        *counts.entry(status).or_insert(0) += 1;
    }
    counts
}

#[tokio::test]
async fn deleting_an_upload_makes_no_room_for_another_url_while_its_own_lives() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let mut statuses = Vec::new();
    for _ in 0..120 {
        let answer = ask(&alice).await;
        statuses.push(answer.status);
        if let Some(id) = answer.body["document_id"].as_str() {
            assert_eq!(alice.delete(&format!("/api/documents/{id}")).await.status, 204);
        }
    }
    assert_eq!(counted(statuses), BTreeMap::from([(201, 100), (429, 20)]));
    ask(&vault.user().await).await.expect(201);
    let refused = ask(&alice).await;
    assert!((600..=900).contains(&retry_after(&refused)), "{:?}", refused.headers);
    assert_problem(refused, 429, "too_many_pending");
    let first = "(select object_key from tombstones order by url_expires_at limit 1)";
    vault.tamper(&format!("update tombstones set url_expires_at = now() where object_key = {first}")).await;
    ask(&alice).await.expect(201);
    ask(&alice).await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_and_thirty_requests_at_once_a_hundred_get_a_url() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let deleted = alice.begin(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    alice.remove(deleted.document_id).await.expect(204);
    let requests: Vec<_> = (0..130)
        .map(|_| vault.elsewhere(&alice))
        .map(|alice| tokio::spawn(async move { ask(&alice).await.status }))
        .collect();
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(request.await.unwrap());
    }
    assert_eq!(counted(statuses), BTreeMap::from([(201, 99), (429, 31)]), "one is alive already");
}

#[tokio::test]
async fn only_what_may_still_be_put_counts() {
    let mut vault = TestVault::new().await;
    vault.limits.max_pending = 2;
    let alice = vault.user().await;
    let confirmed = alice.keep("a.txt", b"hello").await;
    let pending = [alice.store("b.txt", b"hello").await, alice.store("c.txt", b"hello").await];
    ask(&alice).await.expect(429);
    alice.confirm(pending[0].document_id).await.expect(200);
    ask(&alice).await.expect(201);
    ask(&alice).await.expect(429);
    // What was confirmed can be put again once it is deleted.
    vault.age_minutes(14).await;
    ask(&alice).await.expect(429);
    alice.remove(confirmed.document_id).await.expect(204);
    vault.age_minutes(2).await;
    alice.remove(pending[0].document_id).await.expect(204);
    for _ in 0..2 {
        ask(&alice).await.expect(201);
    }
    ask(&alice).await.expect(429);
}

#[tokio::test]
async fn a_deleted_document_counts_until_its_url_has_expired() {
    let mut vault = TestVault::new().await;
    vault.limits.max_pending = 1;
    let alice = vault.user().await;
    let confirmed = alice.keep("a.txt", b"hello").await;
    alice.remove(confirmed.document_id).await.expect(204);
    for minutes in [5, 9] {
        ask(&alice).await.expect(429);
        vault.sweep().await;
        vault.age_minutes(minutes).await;
    }
    ask(&alice).await.expect(429);
    vault.age_minutes(1).await;
    ask(&alice).await.expect(201);
}

#[tokio::test]
async fn a_refusal_says_when_there_is_room_again() {
    let mut vault = TestVault::new().await;
    vault.limits.max_pending = 3;
    let alice = vault.user().await;
    for _ in 0..3 {
        ask(&alice).await.expect(201);
    }
    for (seconds, expected) in [("600", 590..=600), ("30.5", 20..=31), ("0.9", 1..=1)] {
        let first = "(select id from documents order by id limit 1)";
        vault
            .tamper(&format!(
                "update documents set url_expires_at = now() + interval '{seconds} seconds' where id = {first}"
            ))
            .await;
        let answer = ask(&alice).await;
        if answer.status == 429 {
            assert!(expected.contains(&retry_after(&answer)), "{seconds}: {:?}", answer.headers);
        } else {
            assert_eq!(seconds, "0.9", "only that may be over by now");
        }
    }
    vault.limits.max_pending = 2;
    // One too many is held: it is the second that makes room.
    vault.tamper("update documents set url_expires_at = now() + interval '1 minute'").await;
    let last = "(select id from documents order by id desc limit 1)";
    vault
        .tamper(&format!(
            "update documents set url_expires_at = now() + interval '9 minutes' where id <> {last}"
        ))
        .await;
    let answer = ask(&vault.elsewhere(&alice)).await;
    assert!((530..=540).contains(&retry_after(&answer)), "{:?}", answer.headers);
}
