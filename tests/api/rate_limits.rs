//! What an account may ask for within an hour.

use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::{Answer, Client, TestVault};

use crate::assert_problem;

async fn ask(client: &Client, size_bytes: i64) -> Answer {
    let body = json!({"filename": "a.txt", "content_type": "text/plain", "size_bytes": size_bytes});
    client.post("/api/documents/upload-url", body).await
}

async fn classify(client: &Client, upload: &tests::Upload) -> Answer {
    client.send("POST", &format!("/api/documents/{}/classify", upload.document_id), None).await
}

#[track_caller]
fn assert_limited(answer: Answer, code: &str) {
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3_000..=3_600).contains(&wait), "{:?}", answer.headers);
    assert_problem(answer, 429, code);
}

async fn rate_limits(vault: &TestVault) -> Value {
    let statement = "select coalesce(jsonb_agg(hits order by key), '[]') from rate_limits";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn an_account_gets_a_bounded_number_of_urls_in_an_hour() {
    let mut vault = TestVault::new().await;
    vault.limits.urls_per_hour = 3;
    let (alice, bob) = (vault.user().await, vault.user().await);
    for _ in 0..3 {
        let id = ask(&alice, 1).await.expect(201)["document_id"].take();
        alice.delete(&format!("/api/documents/{}", id.as_str().unwrap())).await.expect(204);
    }
    let before = vault.rows().await;
    for _ in 0..2 {
        assert_limited(ask(&alice, 1).await, "too_many_uploads");
    }
    assert_eq!(vault.rows().await, before);
    ask(&bob, 1).await.expect(201);
    vault.age_minutes(59).await;
    ask(&alice, 1).await.expect(429);
    vault.age_minutes(2).await;
    ask(&alice, 1).await.expect(201);
    assert_eq!(rate_limits(&vault).await.as_array().unwrap().len(), 2, "one row for each account");
}

#[tokio::test]
async fn what_is_refused_for_another_reason_does_not_count() {
    let mut vault = TestVault::new().await;
    (vault.limits.urls_per_hour, vault.limits.max_pending) = (3, 2);
    let alice = vault.user().await;
    ask(&alice, 1).await.expect(201);
    ask(&alice, i64::MAX).await.expect(413);
    ask(&alice, -1).await.expect(422);
    ask(&alice, 1).await.expect(201);
    for _ in 0..4 {
        assert_problem(ask(&alice, 1).await, 429, "too_many_pending");
    }
    assert_eq!(rate_limits(&vault).await, json!([2]));
    vault.age_minutes(16).await;
    ask(&alice, 1).await.expect(201);
    assert_problem(ask(&alice, 1).await, 429, "too_many_uploads");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_requests_at_once_exactly_as_many_get_a_url_as_the_hour_admits() {
    let mut vault = TestVault::new().await;
    vault.limits.urls_per_hour = 7;
    for round in 0..3 {
        let alice = vault.user().await;
        if round == 2 {
            // An hour that is over begins anew, once.
            ask(&alice, 1).await.expect(201);
            vault.age_minutes(61).await;
        }
        let requests: Vec<_> = (0..20)
            .map(|_| vault.elsewhere(&alice))
            .map(|alice| tokio::spawn(async move { ask(&alice, 1).await.status }))
            .collect();
        let mut statuses = Vec::new();
        for request in requests {
            statuses.push(request.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201; 7], vec![429; 13]].concat());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_classified_again_a_bounded_number_of_times_in_an_hour() {
    let mut vault = TestVault::new().await;
    vault.documents.classifications_per_hour = 3;
    let (alice, bob) = (vault.user().await, vault.user().await);
    let (upload, his) = (alice.keep("a.txt", b"hello").await, bob.keep("b.txt", b"hello").await);
    classify(&alice, &upload).await.expect(202);
    assert_eq!(rate_limits(&vault).await, json!([1, 1]), "what is still to come does not count");
    let done = async |upload: &tests::Upload| {
        vault.classify(&[json!({"document_id": upload.document_id}).to_string()]).await;
    };
    done(&his).await;
    for round in 0..3 {
        done(&upload).await;
        // At once: one of them has it classified again, and that one counts.
        let answers: Vec<_> = (0..4)
            .map(|_| (vault.elsewhere(&alice), upload.clone()))
            .map(|(alice, upload)| tokio::spawn(async move { classify(&alice, &upload).await.status }))
            .collect();
        for answer in answers {
            assert_eq!(answer.await.unwrap(), 202, "round {round}");
        }
        classify(&alice, &his).await.expect(404);
    }
    done(&upload).await;
    vault.take_messages().await;
    let before = vault.rows().await;
    assert_limited(classify(&alice, &upload).await, "too_many_classifications");
    assert_eq!(vault.rows().await, before);
    assert_eq!(vault.take_messages().await, [Value::Null; 0]);
    classify(&bob, &his).await.expect(202);
    vault.age_minutes(61).await;
    classify(&alice, &upload).await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_documents_at_once_exactly_as_many_are_classified_again_as_the_hour_admits() {
    let mut vault = TestVault::new().await;
    vault.documents.classifications_per_hour = 5;
    for _ in 0..5 {
        let alice = vault.user().await;
        let mut requests = Vec::new();
        for _ in 0..16 {
            let upload = alice.keep("a.txt", b"hello").await;
            let sandbox = vault.parts();
            sandbox.db.clone().warm().await;
            requests.push((alice.served_by(vault.routes(&sandbox)), upload));
        }
        vault.tamper("update documents set status = 'classified'").await;
        let asked = requests
            .into_iter()
            .map(|(alice, upload)| tokio::spawn(async move { classify(&alice, &upload).await.status }));
        let mut statuses = Vec::new();
        for asked in asked.collect::<Vec<_>>() {
            statuses.push(asked.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![202; 5], vec![429; 11]].concat());
    }
}

#[tokio::test]
async fn what_a_dependency_that_is_down_refuses_says_when_to_ask_again() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.store_by_proxy().await;
    let alice = vault.user().await.served_by(vault.routes(&parts));
    let upload = alice.store("a.txt", b"hello").await;
    proxy.set(Mode::Down);
    let answer = alice.confirm(upload.document_id).await;
    assert_eq!(answer.headers["retry-after"], "5");
    assert_problem(answer, 503, "store_unreachable");
}
