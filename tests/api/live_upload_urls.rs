//! An account may hold a limited number of unexpired upload URLs. The URLs of pending uploads and of deleted
//! ones count (SPEC section 2.1).

use std::collections::BTreeMap;

use serde_json::json;
use tests::{Client, Response, TestVault};

use crate::assert_problem;

async fn request_url(client: &Client) -> Response {
    client.post("/api/documents/upload-url", json!({"filename": "a.txt", "content_type": "text/plain"})).await
}

fn retry_after(answer: &Response) -> u64 {
    answer.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

/// Counts how often each status occurs.
fn count_statuses(statuses: impl IntoIterator<Item = u16>) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for status in statuses {
        *counts.entry(status).or_insert(0) += 1;
    }
    counts
}

#[tokio::test]
async fn deleting_an_upload_frees_no_slot_while_its_url_lives() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut statuses = Vec::new();
    for _ in 0..120 {
        let answer = request_url(&alice).await;
        statuses.push(answer.status);
        if let Some(id) = answer.body["document_id"].as_str() {
            assert_eq!(alice.delete(&format!("/api/documents/{id}")).await.status, 204);
        }
    }
    assert_eq!(count_statuses(statuses), BTreeMap::from([(201, 100), (429, 20)]));
    request_url(&vault.create_user().await).await.expect(201);
    let refused = request_url(&alice).await;
    assert!((600..=900).contains(&retry_after(&refused)), "{:?}", refused.headers);
    assert_problem(refused, 429, "too_many_pending");
    let first = "(select object_key from tombstones order by url_expires_at limit 1)";
    vault.tamper(&format!("update tombstones set url_expires_at = now() where object_key = {first}")).await;
    request_url(&alice).await.expect(201);
    request_url(&alice).await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_get_a_hundred_urls_in_all() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let deleted = alice.begin_upload(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    alice.delete_document(deleted.document_id).await.expect(204);
    let requests: Vec<_> = (0..130)
        .map(|_| vault.in_own_sandbox(&alice))
        .map(|alice| tokio::spawn(async move { request_url(&alice).await.status }))
        .collect();
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(request.await.unwrap());
    }
    assert_eq!(count_statuses(statuses), BTreeMap::from([(201, 99), (429, 31)]), "one URL is live already");
}

#[tokio::test]
async fn only_urls_that_can_still_store_an_object_count() {
    let mut vault = TestVault::new().await;
    vault.limits.max_pending = 2;
    let alice = vault.create_user().await;
    let confirmed = alice.store_confirmed("a.txt", b"hello").await;
    let pending =
        [alice.store_pending("b.txt", b"hello").await, alice.store_pending("c.txt", b"hello").await];
    request_url(&alice).await.expect(429);
    alice.confirm(pending[0].document_id).await.expect(200);
    request_url(&alice).await.expect(201);
    request_url(&alice).await.expect(429);
    // The URL of a confirmed document can store again once the document is deleted.
    vault.age_minutes(14).await;
    request_url(&alice).await.expect(429);
    alice.delete_document(confirmed.document_id).await.expect(204);
    vault.age_minutes(2).await;
    alice.delete_document(pending[0].document_id).await.expect(204);
    for _ in 0..2 {
        request_url(&alice).await.expect(201);
    }
    request_url(&alice).await.expect(429);
}

#[tokio::test]
async fn a_deleted_document_counts_until_its_url_expires() {
    let mut vault = TestVault::new().await;
    vault.limits.max_pending = 1;
    let alice = vault.create_user().await;
    let confirmed = alice.store_confirmed("a.txt", b"hello").await;
    alice.delete_document(confirmed.document_id).await.expect(204);
    for minutes in [5, 9] {
        request_url(&alice).await.expect(429);
        vault.sweep().await;
        vault.age_minutes(minutes).await;
    }
    request_url(&alice).await.expect(429);
    vault.age_minutes(1).await;
    request_url(&alice).await.expect(201);
}

#[tokio::test]
async fn a_refusal_says_when_a_slot_becomes_free() {
    let mut vault = TestVault::new().await;
    vault.limits.max_pending = 3;
    let alice = vault.create_user().await;
    for _ in 0..3 {
        request_url(&alice).await.expect(201);
    }
    for (seconds, expected) in [("600", 590..=600), ("30.5", 20..=31), ("0.9", 1..=1)] {
        let first = "(select id from documents order by id limit 1)";
        vault
            .tamper(&format!(
                "update documents set url_expires_at = now() + interval '{seconds} seconds' where id = {first}"
            ))
            .await;
        let answer = request_url(&alice).await;
        if answer.status == 429 {
            assert!(expected.contains(&retry_after(&answer)), "{seconds}: {:?}", answer.headers);
        } else {
            assert_eq!(seconds, "0.9", "only the shortest time can be over by now");
        }
    }
    vault.limits.max_pending = 2;
    // The account holds one URL too many, so that a slot is free only when the second URL expires.
    vault.tamper("update documents set url_expires_at = now() + interval '1 minute'").await;
    let last = "(select id from documents order by id desc limit 1)";
    vault
        .tamper(&format!(
            "update documents set url_expires_at = now() + interval '9 minutes' where id <> {last}"
        ))
        .await;
    let answer = request_url(&vault.in_own_sandbox(&alice)).await;
    assert!((530..=540).contains(&retry_after(&answer)), "{:?}", answer.headers);
}
