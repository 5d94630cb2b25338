//! An account may make certain requests only a limited number of times within an hour.

use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::{Client, Response, TestVault};

use crate::assert_problem;

async fn request_url(client: &Client, size_bytes: i64) -> Response {
    let body = json!({"filename": "a.txt", "content_type": "text/plain", "size_bytes": size_bytes});
    client.post("/api/documents/upload-url", body).await
}

async fn request_classification(client: &Client, upload: &tests::Upload) -> Response {
    client.send("POST", &format!("/api/documents/{}/classify", upload.document_id), None).await
}

#[track_caller]
fn assert_limited(answer: Response, code: &str) {
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3_000..=3_600).contains(&wait), "{:?}", answer.headers);
    assert_problem(answer, 429, code);
}

async fn read_hits(vault: &TestVault) -> Value {
    let statement = "select coalesce(jsonb_agg(hits order by key), '[]') from rate_limits";
    vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn an_account_gets_a_limited_number_of_upload_urls_in_an_hour() {
    let mut vault = TestVault::new().await;
    vault.limits.urls_per_hour = 3;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    for _ in 0..3 {
        let id = request_url(&alice, 1).await.expect(201)["document_id"].take();
        alice.delete(&format!("/api/documents/{}", id.as_str().unwrap())).await.expect(204);
    }
    let before = vault.rows().await;
    for _ in 0..2 {
        assert_limited(request_url(&alice, 1).await, "too_many_uploads");
    }
    assert_eq!(vault.rows().await, before);
    request_url(&bob, 1).await.expect(201);
    vault.age_minutes(59).await;
    request_url(&alice, 1).await.expect(429);
    vault.age_minutes(2).await;
    request_url(&alice, 1).await.expect(201);
    assert_eq!(read_hits(&vault).await.as_array().unwrap().len(), 2, "each account has one row");
}

#[tokio::test]
async fn a_request_that_is_refused_for_another_reason_does_not_count() {
    let mut vault = TestVault::new().await;
    (vault.limits.urls_per_hour, vault.limits.max_pending) = (3, 2);
    let alice = vault.create_user().await;
    request_url(&alice, 1).await.expect(201);
    request_url(&alice, i64::MAX).await.expect(413);
    request_url(&alice, -1).await.expect(422);
    request_url(&alice, 1).await.expect(201);
    for _ in 0..4 {
        assert_problem(request_url(&alice, 1).await, 429, "too_many_pending");
    }
    assert_eq!(read_hits(&vault).await, json!([2]));
    vault.age_minutes(16).await;
    request_url(&alice, 1).await.expect(201);
    assert_problem(request_url(&alice, 1).await, 429, "too_many_uploads");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_get_exactly_the_hourly_number_of_urls() {
    let mut vault = TestVault::new().await;
    vault.limits.urls_per_hour = 7;
    for round in 0..3 {
        let alice = vault.create_user().await;
        if round == 2 {
            // After an hour counting starts anew, and only once.
            request_url(&alice, 1).await.expect(201);
            vault.age_minutes(61).await;
        }
        let requests: Vec<_> = (0..20)
            .map(|_| vault.in_own_sandbox(&alice))
            .map(|alice| tokio::spawn(async move { request_url(&alice, 1).await.status }))
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
async fn an_account_may_classify_documents_again_a_limited_number_of_times_in_an_hour() {
    let mut vault = TestVault::new().await;
    vault.documents.classifications_per_hour = 3;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let (upload, his) =
        (alice.store_confirmed("a.txt", b"hello").await, bob.store_confirmed("b.txt", b"hello").await);
    request_classification(&alice, &upload).await.expect(202);
    assert_eq!(
        read_hits(&vault).await,
        json!([1, 1]),
        "a request before the first classification does not count"
    );
    let done = async |upload: &tests::Upload| {
        vault.classify(&[json!({"document_id": upload.document_id}).to_string()]).await;
    };
    done(&his).await;
    for round in 0..3 {
        done(&upload).await;
        // Of concurrent requests only the one that starts a classification counts.
        let answers: Vec<_> = (0..4)
            .map(|_| (vault.in_own_sandbox(&alice), upload.clone()))
            .map(|(alice, upload)| {
                tokio::spawn(async move { request_classification(&alice, &upload).await.status })
            })
            .collect();
        for answer in answers {
            assert_eq!(answer.await.unwrap(), 202, "round {round}");
        }
        request_classification(&alice, &his).await.expect(404);
    }
    done(&upload).await;
    vault.take_messages().await;
    let before = vault.rows().await;
    assert_limited(request_classification(&alice, &upload).await, "too_many_classifications");
    assert_eq!(vault.rows().await, before);
    assert_eq!(vault.take_messages().await, [Value::Null; 0]);
    request_classification(&bob, &his).await.expect(202);
    vault.age_minutes(61).await;
    request_classification(&alice, &upload).await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_classify_exactly_the_hourly_number_of_documents_again() {
    let mut vault = TestVault::new().await;
    vault.documents.classifications_per_hour = 5;
    for _ in 0..5 {
        let alice = vault.create_user().await;
        let mut requests = Vec::new();
        for _ in 0..16 {
            let upload = alice.store_confirmed("a.txt", b"hello").await;
            let sandbox = vault.services();
            sandbox.db.clone().warm().await;
            requests.push((alice.served_by(vault.routes(&sandbox)), upload));
        }
        vault.tamper("update documents set status = 'classified'").await;
        let asked = requests.into_iter().map(|(alice, upload)| {
            tokio::spawn(async move { request_classification(&alice, &upload).await.status })
        });
        let mut statuses = Vec::new();
        for asked in asked.collect::<Vec<_>>() {
            statuses.push(asked.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![202; 5], vec![429; 11]].concat());
    }
}

#[tokio::test]
async fn a_503_response_says_when_to_retry() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await.served_by(vault.routes(&services));
    let upload = alice.store_pending("a.txt", b"hello").await;
    proxy.set_mode(Mode::Down);
    let answer = alice.confirm(upload.document_id).await;
    assert_eq!(answer.headers["retry-after"], "5");
    assert_problem(answer, 503, "store_unreachable");
}
