//! Somebody else's document is a document that doesn't exist (SPEC section 1, P6).

use docuvault::id::DocumentId;
use docuvault::role::Role;
use serde_json::{Value, json};
use tests::{Answer, Client, TestVault};

use crate::assert_problem;

/// Every request that names one document.
async fn about(client: &Client, id: DocumentId) -> Vec<Answer> {
    let path = format!("/api/documents/{id}");
    vec![
        client.get(&path).await,
        client.get(&format!("{path}/download")).await,
        client.confirm(id).await,
        client.remove(id).await,
    ]
}

/// Every request of a document route, whether or not it names one.
async fn all(client: &Client, id: DocumentId) -> Vec<Answer> {
    let mut answers = about(client, id).await;
    answers.push(client.get("/api/documents").await);
    answers.push(client.get("/api/documents?status=pending").await);
    let new = json!({"filename": "a.txt", "content_type": "text/plain"});
    answers.push(client.post("/api/documents/upload-url", new).await);
    answers.push(client.get("/api/auth/me/quota").await);
    answers
}

fn seen(answers: Vec<Answer>) -> Vec<(u16, Value, Vec<String>)> {
    answers
        .into_iter()
        .map(|answer| {
            let names = answer.headers.keys().map(ToString::to_string).collect();
            (answer.status, answer.body, names)
        })
        .collect()
}

#[tokio::test]
async fn a_strangers_document_is_like_one_that_never_was() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.user().await, vault.user().await);
    let pending = alice.store("pending.txt", b"hello").await.document_id;
    let uploaded = alice.keep("uploaded.txt", b"hello").await.document_id;
    let classified = alice.keep("classified.txt", b"hello").await.document_id;
    vault.classify(&[vault.put_event(classified).await]).await;
    let (rows, objects) = (vault.rows().await, vault.bucket.objects().await);
    let absent = seen(about(&bob, DocumentId::new()).await);
    for (status, body, _) in &absent {
        assert_eq!((*status, body), (404, &json!({"detail": "not found", "code": "not_found"})));
    }
    for id in [pending, uploaded, classified] {
        assert_eq!(seen(about(&bob, id).await), absent);
    }
    assert_eq!(vault.rows().await, rows);
    assert_eq!(vault.bucket.objects().await, objects);
}

#[tokio::test]
async fn lists_counts_and_quotas_show_ones_own() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.user().await, vault.user().await);
    let topic = uuid::Uuid::now_v7();
    vault.tamper(&format!("insert into topics (id, name) values ('{topic}', 'Hello')")).await;
    let upload = alice.keep("a.txt", b"hello").await;
    vault.classify(&[vault.put_event(upload.document_id).await]).await;
    alice.store("pending.txt", b"hello").await;
    let empty = json!({"items": [], "next_cursor": null});
    for query in ["", "?status=pending", "?status=classified", "?q=a", &format!("?topic={topic}")] {
        let path = format!("/api/documents{query}");
        assert_eq!(bob.get(&path).await.expect(200), empty, "{query}");
        assert_eq!(alice.get(&path).await.expect(200)["items"].as_array().unwrap().len(), 1, "{query}");
    }
    assert_eq!(bob.used_bytes().await, 0);
}

#[tokio::test]
async fn another_users_topic_finds_nothing_as_one_that_is_not() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.user().await, vault.user().await);
    let topic = uuid::Uuid::now_v7();
    let of_alice = alice.id();
    vault
        .tamper(&format!("insert into topics (id, user_id, name) values ('{topic}', '{of_alice}', 'Hello')"))
        .await;
    for client in [&alice, &bob] {
        let upload = client.keep("hello.txt", b"hello").await;
        vault.classify(&[vault.put_event(upload.document_id).await]).await;
    }
    let path = format!("/api/documents?topic={topic}");
    assert_eq!(alice.get(&path).await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(bob.get(&path).await.expect(200), json!({"items": [], "next_cursor": null}));
    assert_eq!(bob.get("/api/documents").await.expect(200)["items"][0]["topics"], json!([]));
}

#[tokio::test]
async fn who_is_no_user_in_good_standing_gets_nowhere() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let id = alice.keep("a.txt", b"hello").await.document_id;
    let owing = vault.account(Role::User, true).await;
    let inactive = vault.user().await;
    let gone = vault.user().await;
    vault.tamper(&format!("update users set active = false where id = '{}'", inactive.id())).await;
    vault.tamper(&format!("delete from users where id = '{}'", gone.id())).await;
    let (admin, nobody) = (vault.admin().await, vault.nobody());
    let rows = vault.rows().await;
    for (client, status, code) in [
        (&admin, 403, "wrong_role"),
        (&owing, 403, "password_change_owed"),
        (&inactive, 401, "unauthenticated"),
        (&gone, 401, "unauthenticated"),
        (&nobody, 401, "unauthenticated"),
    ] {
        for id in [id, DocumentId::new()] {
            for answer in all(client, id).await {
                assert_problem(answer, status, code);
            }
        }
    }
    assert_eq!(vault.rows().await, rows);
    assert_eq!(vault.bucket.objects().await.len(), 1);
}

#[tokio::test]
async fn an_owner_who_loses_standing_loses_every_route() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let id = alice.keep("a.txt", b"hello").await.document_id;
    let pending = alice.store("b.txt", b"you").await.document_id;
    for (change, status) in [
        ("active = false", 401),
        ("active = true, role = 'admin'", 403),
        ("role = 'user', password_must_change = true", 403),
    ] {
        vault.tamper(&format!("update users set {change}")).await;
        let rows = vault.rows().await;
        for id in [id, pending] {
            for answer in all(&alice, id).await {
                assert_eq!(answer.status, status, "{change}: {}", answer.body);
            }
        }
        assert_eq!(vault.rows().await, rows);
    }
    vault.tamper("update users set password_must_change = false").await;
    alice.confirm(pending).await.expect(200);
    alice.remove(id).await.expect(204);
}
