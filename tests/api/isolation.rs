//! Another user's document looks exactly like one that does not exist (promise P6 in `README.md`).

use docuvault::id::DocumentId;
use docuvault::role::Role;
use serde_json::{Value, json};
use tests::{Client, Response, TestVault};

use crate::assert_problem;

/// Sends every request that names one document.
async fn request_document(client: &Client, id: DocumentId) -> Vec<Response> {
    let path = format!("/api/documents/{id}");
    vec![
        client.get(&path).await,
        client.get(&format!("{path}/download")).await,
        client.confirm(id).await,
        client.send("POST", &format!("{path}/classify"), None).await,
        client.put(&format!("{path}/topics"), json!({"topic_ids": []})).await,
        client.delete_document(id).await,
    ]
}

/// Sends every request to a document route, whether or not it names a document, and asks for the quota.
async fn request_document_and_quota_routes(client: &Client, id: DocumentId) -> Vec<Response> {
    let mut answers = request_document(client, id).await;
    answers.push(client.get("/api/documents").await);
    answers.push(client.get("/api/documents?status=pending").await);
    let new = json!({"filename": "a.txt", "content_type": "text/plain"});
    answers.push(client.post("/api/documents/upload-url", new).await);
    answers.push(client.get("/api/auth/me/quota").await);
    answers
}

fn visible_parts(answers: Vec<Response>) -> Vec<(u16, Value, Vec<String>)> {
    answers
        .into_iter()
        .map(|answer| {
            let names = answer.headers.keys().map(ToString::to_string).collect();
            (answer.status, answer.body, names)
        })
        .collect()
}

#[tokio::test]
async fn another_users_document_answers_like_an_unknown_one() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let pending = alice.store_pending("pending.txt", b"hello").await.document_id;
    let uploaded = alice.store_confirmed("uploaded.txt", b"hello").await.document_id;
    let classified = alice.store_confirmed("classified.txt", b"hello").await.document_id;
    vault.classify(&[vault.put_notification(classified).await]).await;
    let (rows, objects) = (vault.rows().await, vault.bucket.object_sizes().await);
    let absent = visible_parts(request_document(&bob, DocumentId::new()).await);
    for (status, body, _) in &absent {
        assert_eq!((*status, body), (404, &json!({"detail": "not found", "code": "not_found"})));
    }
    for id in [pending, uploaded, classified] {
        assert_eq!(visible_parts(request_document(&bob, id).await), absent);
    }
    assert_eq!(vault.rows().await, rows);
    assert_eq!(vault.bucket.object_sizes().await, objects);
}

#[tokio::test]
async fn lists_counts_and_quotas_show_only_own_documents() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let topic = uuid::Uuid::now_v7();
    vault.tamper(&format!("insert into topics (id, name) values ('{topic}', 'Hello')")).await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    vault.classify(&[vault.put_notification(upload.document_id).await]).await;
    alice.store_pending("pending.txt", b"hello").await;
    let empty = json!({"items": [], "next_cursor": null});
    for query in ["", "?status=pending", "?status=classified", "?q=a", &format!("?topic={topic}")] {
        let path = format!("/api/documents{query}");
        assert_eq!(bob.get(&path).await.expect(200), empty, "{query}");
        assert_eq!(alice.get(&path).await.expect(200)["items"].as_array().unwrap().len(), 1, "{query}");
    }
    assert_eq!(bob.used_bytes().await, 0);
}

#[tokio::test]
async fn another_users_topic_as_filter_finds_nothing() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let topic = uuid::Uuid::now_v7();
    let of_alice = alice.id();
    vault
        .tamper(&format!("insert into topics (id, user_id, name) values ('{topic}', '{of_alice}', 'Hello')"))
        .await;
    for client in [&alice, &bob] {
        let upload = client.store_confirmed("hello.txt", b"hello").await;
        vault.classify(&[vault.put_notification(upload.document_id).await]).await;
    }
    let path = format!("/api/documents?topic={topic}");
    assert_eq!(alice.get(&path).await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(bob.get(&path).await.expect(200), json!({"items": [], "next_cursor": null}));
    assert_eq!(bob.get("/api/documents").await.expect(200)["items"][0]["topics"], json!([]));
}

#[tokio::test]
async fn callers_who_are_not_users_in_good_standing_are_refused_on_every_document_route() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    let owing = vault.create_account(Role::User, true).await;
    let inactive = vault.create_user().await;
    let gone = vault.create_user().await;
    vault.tamper(&format!("update users set active = false where id = '{}'", inactive.id())).await;
    vault.tamper(&format!("delete from users where id = '{}'", gone.id())).await;
    let (admin, anonymous) = (vault.create_admin().await, vault.anonymous());
    let rows = vault.rows().await;
    for (client, status, code) in [
        (&admin, 403, "wrong_role"),
        (&owing, 403, "password_change_owed"),
        (&inactive, 401, "unauthenticated"),
        (&gone, 401, "unauthenticated"),
        (&anonymous, 401, "unauthenticated"),
    ] {
        for id in [id, DocumentId::new()] {
            for answer in request_document_and_quota_routes(client, id).await {
                assert_problem(answer, status, code);
            }
        }
    }
    assert_eq!(vault.rows().await, rows);
    assert_eq!(vault.bucket.object_sizes().await.len(), 1);
}

#[tokio::test]
async fn an_owner_who_loses_good_standing_is_refused_on_every_document_route() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.store_confirmed("a.txt", b"hello").await.document_id;
    let pending = alice.store_pending("b.txt", b"you").await.document_id;
    for (change, status) in [
        ("active = false", 401),
        ("active = true, role = 'admin'", 403),
        ("role = 'user', password_must_change = true", 403),
    ] {
        vault.tamper(&format!("update users set {change}")).await;
        let rows = vault.rows().await;
        for id in [id, pending] {
            for answer in request_document_and_quota_routes(&alice, id).await {
                assert_eq!(answer.status, status, "{change}: {}", answer.body);
            }
        }
        assert_eq!(vault.rows().await, rows);
    }
    vault.tamper("update users set password_must_change = false").await;
    alice.confirm(pending).await.expect(200);
    alice.delete_document(id).await.expect(204);
}
