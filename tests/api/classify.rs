use std::time::{SystemTime, UNIX_EPOCH};

use lambda_runtime::Context;
use serde_json::{Value, json};
use tests::proxy::{Mode, Proxy};
use tests::{Client, Parts, TestVault, Upload};

const NONE: [usize; 0] = [];

/// A vault whose classification reaches the store through a proxy.
async fn by_proxy() -> (TestVault, Proxy, Parts) {
    let vault = TestVault::new().await;
    let proxy = Proxy::before(vault.bucket.config().endpoint.as_deref().unwrap()).await;
    let storage = vault.bucket.config_by(&proxy.endpoint());
    let parts = vault.parts_by(&vault.database.address(), storage, vault.queue.clone());
    (vault, proxy, parts)
}

/// A confirmed document whose text is in the store, or of a type that has none to read.
async fn confirmed(client: &Client, content_type: &str) -> Upload {
    let upload = client.begin(json!({"filename": "a", "content_type": content_type})).await;
    assert_eq!(upload.put(b"hello").await, 200);
    client.confirm(upload.document_id).await.expect(200);
    upload
}

async fn columns(vault: &TestVault, upload: &Upload, names: &[&str]) -> Vec<Value> {
    let mut row = vault.row(upload.document_id).await;
    names.iter().map(|name| row[*name].take()).collect()
}

#[tokio::test]
async fn system_topics_and_the_owners_fit_and_nobody_elses() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.user().await, vault.user().await);
    vault
        .tamper(&format!(
            "insert into topics (id, user_id, name) values (gen_random_uuid(), null, 'Invoice'),
                (gen_random_uuid(), '{}', 'Travel'), (gen_random_uuid(), '{}', 'Hotel'), (gen_random_uuid(), null, 'Tax')",
            alice.id(),
            bob.id()
        ))
        .await;
    let upload = alice.keep("travel.txt", b"Invoice of the hotel").await;
    assert_eq!(vault.classify(&[vault.put_event(upload.document_id).await]).await, NONE);
    let document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    let topics =
        document["topics"].as_array().unwrap().iter().map(|topic| (&topic["name"], &topic["system"]));
    assert_eq!(
        topics.collect::<Vec<_>>(),
        [(&json!("Invoice"), &json!(true)), (&json!("Travel"), &json!(false))]
    );
}

#[tokio::test]
async fn exactly_the_failed_messages_of_a_batch_are_named() {
    let (vault, proxy, parts) = by_proxy().await;
    let alice = vault.user().await;
    let (first, failing, last) = (
        confirmed(&alice, "application/pdf").await,
        confirmed(&alice, "text/plain").await,
        confirmed(&alice, "application/pdf").await,
    );
    let mut bodies = Vec::new();
    for upload in [&first, &failing, &last] {
        bodies.push(vault.put_event(upload.document_id).await);
    }
    bodies.insert(1, "garbage".into());
    proxy.set(Mode::Down);
    assert_eq!(vault.classify_by(parts.clone(), Context::default(), &bodies).await, [2]);
    for (upload, status, attempts) in
        [(&first, "classified", 1), (&failing, "uploaded", 1), (&last, "classified", 1)]
    {
        assert_eq!(columns(&vault, upload, &["status", "attempts"]).await, [json!(status), json!(attempts)]);
    }
    proxy.set(Mode::Pass);
    assert_eq!(vault.classify_by(parts, Context::default(), &bodies).await, NONE);
    assert_eq!(columns(&vault, &failing, &["status", "attempts"]).await, [json!("classified"), json!(2)]);
}

#[tokio::test]
async fn attempts_are_counted_and_end_with_a_reason() {
    let (mut vault, proxy, parts) = by_proxy().await;
    vault.classification.max_attempts = 3;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    proxy.set(Mode::Down);
    for (attempt, failed, status) in
        [(1, vec![0], "uploaded"), (2, vec![0], "uploaded"), (3, vec![], "classification_failed")]
    {
        assert_eq!(vault.classify_by(parts.clone(), Context::default(), &event).await, failed);
        assert_eq!(columns(&vault, &upload, &["attempts", "status"]).await, [json!(attempt), json!(status)]);
    }
    assert_eq!(
        columns(&vault, &upload, &["failure_code", "lease_id", "nudge_due_at"]).await,
        [json!("store_unavailable"), Value::Null, Value::Null]
    );
    proxy.set(Mode::Pass);
    let before = vault.rows().await;
    assert_eq!(vault.classify_by(parts, Context::default(), &event).await, NONE);
    assert_eq!(vault.rows().await, before, "what has ended is not begun again by a late event");
}

#[tokio::test]
async fn a_worker_that_dies_is_replaced_after_its_lease_and_not_for_ever() {
    let mut vault = TestVault::new().await;
    vault.classification.max_attempts = 2;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    let die = "update documents set status = 'uploaded', lease_id = gen_random_uuid(),
        lease_expires_at = now() + interval '90 seconds', attempts = ";
    vault.tamper(&format!("{die} 1")).await;
    let held = vault.rows().await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(vault.rows().await, held, "another worker's document is left alone");
    vault.age(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(columns(&vault, &upload, &["status", "attempts"]).await, [json!("classified"), json!(2)]);
    vault.tamper(&format!("{die} 2")).await;
    vault.age(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(
        columns(&vault, &upload, &["status", "attempts", "failure_code"]).await,
        [json!("classification_failed"), json!(2), json!("attempts_exhausted")]
    );
}

#[tokio::test]
async fn of_workers_at_once_one_classifies() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    let (a, b, c) = tokio::join!(vault.classify(&event), vault.classify(&event), vault.classify(&event));
    assert_eq!([a, b, c], [NONE; 3]);
    assert_eq!(columns(&vault, &upload, &["status", "attempts"]).await, [json!("classified"), json!(1)]);
}

#[tokio::test]
async fn a_provider_that_is_not_ends_at_once_with_a_reason_and_holds_up_nobody() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.user().await, vault.user().await);
    let of_alice = alice.id();
    vault.tamper(&format!("update users set ai_provider = 'oracle' where id = '{of_alice}'")).await;
    let (failing, other) = (alice.keep("a.txt", b"hello").await, bob.keep("a.txt", b"hello").await);
    let bodies = [vault.put_event(failing.document_id).await, vault.put_event(other.document_id).await];
    assert_eq!(vault.classify(&bodies).await, NONE);
    assert_eq!(
        columns(&vault, &failing, &["status", "failure_code", "failure_message", "attempts"]).await,
        [
            json!("classification_failed"),
            json!("provider_unknown"),
            json!("no provider is called oracle"),
            json!(1)
        ]
    );
    assert_eq!(columns(&vault, &other, &["status"]).await, [json!("classified")]);
}

#[tokio::test]
async fn a_document_whose_object_is_gone_ends_with_a_reason() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = vault.put_event(upload.document_id).await;
    let delete = vault.bucket.client.delete_object().bucket(&vault.bucket.name).key(upload.key());
    delete.send().await.unwrap();
    assert_eq!(vault.classify(&[event]).await, NONE);
    assert_eq!(
        columns(&vault, &upload, &["status", "failure_code"]).await,
        [json!("classification_failed"), json!("object_missing")]
    );
}

#[tokio::test]
async fn messages_that_are_not_reached_before_the_deadline_stay_in_the_queue() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = vault.put_event(upload.document_id).await;
    let before = vault.rows().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let mut context = Context::default();
    context.deadline = u64::try_from(now).unwrap() + 4_000;
    let bodies = [event.clone(), "garbage".into(), event];
    assert_eq!(vault.classify_by(vault.parts(), context, &bodies).await, [0, 1, 2]);
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn a_database_that_is_down_acknowledges_nothing() {
    let vault = TestVault::new().await;
    let proxy = Proxy::before(&vault.database.address()).await;
    let parts = vault.parts_by(&proxy.address(), vault.bucket.config(), vault.queue.clone());
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let event = vault.put_event(upload.document_id).await;
    proxy.set(Mode::Down);
    let bodies = [event, "garbage".into()];
    assert_eq!(vault.classify_by(parts.clone(), Context::default(), &bodies).await, [0]);
    proxy.set(Mode::Pass);
    assert_eq!(vault.classify_by(parts, Context::default(), &bodies).await, NONE);
}

#[tokio::test]
async fn topics_that_were_set_by_hand_are_kept() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let id = upload.document_id;
    vault
        .tamper(&format!(
            "insert into topics (id, name) values (gen_random_uuid(), 'Hello'), (gen_random_uuid(), 'Other');
             insert into document_topics (document_id, topic_id, manual) select '{id}', id, true from topics"
        ))
        .await;
    let before = vault.rows().await["document_topics"].take();
    vault.classify(&[vault.put_event(id).await]).await;
    assert_eq!(vault.rows().await["document_topics"], before);
    assert_eq!(columns(&vault, &upload, &["status"]).await, [json!("classified")]);
}
