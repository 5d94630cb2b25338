use lambda_runtime::Context;
use serde_json::json;
use tests::TestVault;
use tests::proxy::Mode;

const NONE: [usize; 0] = [];

#[tokio::test]
async fn a_document_gets_system_topics_and_own_topics_but_not_other_users_topics() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    vault
        .tamper(&format!(
            "insert into topics (id, user_id, name) values (gen_random_uuid(), null, 'Invoice'),
                (gen_random_uuid(), '{}', 'Travel'), (gen_random_uuid(), '{}', 'Hotel'), (gen_random_uuid(), null, 'Tax')",
            alice.id(),
            bob.id()
        ))
        .await;
    let upload = alice.store_confirmed("travel.txt", b"Invoice of the hotel").await;
    assert_eq!(vault.classify(&[vault.put_notification(upload.document_id).await]).await, NONE);
    let document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    let topics =
        document["topics"].as_array().unwrap().iter().map(|topic| (&topic["name"], &topic["system"]));
    assert_eq!(
        topics.collect::<Vec<_>>(),
        [(&json!("Invoice"), &json!(true)), (&json!("Travel"), &json!(false))]
    );
}

#[tokio::test]
async fn only_the_failed_messages_of_a_batch_come_back() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (first, failing, last) = (
        alice.store_confirmed("a", b"hello").await,
        alice.store_confirmed("b", b"hello").await,
        alice.store_confirmed("c", b"hello").await,
    );
    let mut bodies = Vec::new();
    for upload in [&first, &failing, &last] {
        bodies.push(vault.put_notification(upload.document_id).await);
    }
    bodies.insert(1, "garbage".into());
    let id = failing.document_id;
    vault
        .tamper(&format!(
            "alter table documents add constraint unlucky check (id <> '{id}' or status <> 'classified')"
        ))
        .await;
    assert_eq!(vault.classify(&bodies).await, [2]);
    for (upload, status, attempts) in
        [(&first, "classified", 1), (&failing, "uploaded", 1), (&last, "classified", 1)]
    {
        assert_eq!(
            vault.columns(upload.document_id, &["status", "attempts"]).await,
            [json!(status), json!(attempts)]
        );
    }
    vault.tamper("alter table documents drop constraint unlucky").await;
    vault.age_minutes(2).await;
    assert_eq!(vault.classify(&bodies).await, NONE);
    assert_eq!(vault.columns(id, &["status", "attempts"]).await, [json!("classified"), json!(2)]);
}

#[tokio::test]
async fn a_document_is_tried_again_after_the_store_was_down() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let event = [vault.put_notification(upload.document_id).await];
    proxy.set_mode(Mode::Down);
    assert_eq!(vault.classify_with(services.clone(), Context::default(), &event).await, [0]);
    proxy.set_mode(Mode::Pass);
    vault.age_minutes(1).await;
    assert_eq!(vault.classify_with(services, Context::default(), &event).await, NONE);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("classified"), json!(2)]
    );
}

#[tokio::test]
async fn an_unknown_provider_fails_its_own_document_only_and_ends_with_a_reason() {
    let mut vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let of_alice = alice.id();
    vault.tamper(&format!("update users set ai_provider = 'oracle' where id = '{of_alice}'")).await;
    let (failing, other) =
        (alice.store_confirmed("a.txt", b"hello").await, bob.store_confirmed("a.txt", b"hello").await);
    let bodies =
        [vault.put_notification(failing.document_id).await, vault.put_notification(other.document_id).await];
    assert_eq!(vault.classify(&bodies).await, [0]);
    assert_eq!(vault.columns(other.document_id, &["status"]).await, [json!("classified")]);
    vault.age_minutes(1).await;
    vault.classification.max_attempts = 2;
    assert_eq!(vault.classify(&bodies).await, NONE);
    assert_eq!(
        vault.columns(failing.document_id, &["status", "failure_code", "failure_message", "attempts"]).await,
        [
            json!("classification_failed"),
            json!("provider_unknown"),
            json!("there is no provider with this name (oracle)"),
            json!(2)
        ]
    );
}

#[tokio::test]
async fn a_document_whose_object_is_missing_ends_with_a_reason() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let event = vault.put_notification(upload.document_id).await;
    let delete = vault.bucket.client.delete_object().bucket(&vault.bucket.name).key(upload.key());
    delete.send().await.unwrap();
    assert_eq!(vault.classify(&[event]).await, NONE);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "failure_code"]).await,
        [json!("classification_failed"), json!("object_missing")]
    );
}

#[tokio::test]
async fn a_classification_keeps_manual_topics() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let id = upload.document_id;
    vault
        .tamper(&format!(
            "insert into topics (id, name) values (gen_random_uuid(), 'Hello'), (gen_random_uuid(), 'Other');
             insert into document_topics (document_id, topic_id, manual) select '{id}', id, true from topics"
        ))
        .await;
    let before = vault.rows().await["document_topics"].take();
    vault.classify(&[vault.put_notification(id).await]).await;
    assert_eq!(vault.rows().await["document_topics"], before);
    assert_eq!(vault.columns(upload.document_id, &["status"]).await, [json!("classified")]);
}
