//! Put-notifications and nudges, whenever they come (SPEC section 2.4).

use docuvault::id::DocumentId;
use serde_json::{Value, json};
use tests::proxy::{Mode, Proxy};
use tests::{Client, TestVault, Upload, put_event};

const NONE: [usize; 0] = [];

async fn status(vault: &TestVault, upload: &Upload) -> Value {
    vault.row(upload.document_id).await["status"].take()
}

fn nudge(id: DocumentId) -> String {
    json!({"document_id": id}).to_string()
}

async fn uploads(alice: &Client) -> (Upload, Upload) {
    (alice.store("a.txt", b"hello").await, alice.store("b.txt", b"you").await)
}

#[tokio::test]
async fn an_event_before_confirmation_leaves_the_nudge_to_it() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(vault.classify(&event).await, NONE, "twice is once");
    let row = vault.row(upload.document_id).await;
    assert_eq!((&row["status"], &row["attempts"]), (&json!("pending"), &json!(0)));
    assert!(row["event_at"].is_string());
    for _ in 0..3 {
        alice.confirm(upload.document_id).await.expect(200);
    }
    let messages = vault.take_messages().await;
    assert_eq!(messages, [json!({"document_id": upload.document_id})]);
    assert_eq!(vault.classify(&[messages[0].to_string()]).await, NONE);
    assert_eq!(status(&vault, &upload).await, "classified");
}

#[tokio::test]
async fn an_event_after_confirmation_is_the_trigger_itself() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
    assert_eq!(vault.classify(&[vault.put_event(upload.document_id).await]).await, NONE);
    assert_eq!(status(&vault, &upload).await, "classified");
    alice.confirm(upload.document_id).await.expect(200);
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_nudge_before_confirmation_obliges_nobody() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    let before = vault.rows().await;
    assert_eq!(vault.classify(&[nudge(upload.document_id)]).await, NONE);
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn a_queue_that_is_down_at_confirmation_costs_time_and_no_classification() {
    let vault = TestVault::new().await;
    let proxy = Proxy::before(vault.queue.endpoint.as_deref().unwrap()).await;
    let mut queue = vault.queue.clone();
    queue.endpoint = Some(proxy.endpoint());
    let parts = vault.parts_by(&vault.database.address(), vault.bucket.config(), queue);
    let alice = vault.user().await;
    let alice = alice.served_by(vault.routes(&parts));
    let upload = alice.store("a.txt", b"hello").await;
    vault.classify(&[vault.put_event(upload.document_id).await]).await;
    proxy.set(Mode::Down);
    alice.confirm(upload.document_id).await.expect(200);
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
    vault.age(1).await;
    assert_eq!(vault.sweep().await.nudged, 1);
    assert_eq!(vault.take_messages().await, [json!({"document_id": upload.document_id})]);
}

#[tokio::test]
async fn an_event_of_a_deleted_document_removes_the_recreated_object() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let (deleted, kept) = uploads(&alice).await;
    let event = vault.put_event(deleted.document_id).await;
    alice.confirm(kept.document_id).await.expect(200);
    alice.remove(deleted.document_id).await.expect(204);
    assert_eq!(deleted.put(b"again").await, 200);
    assert_eq!(vault.classify(&[event.clone(), event]).await, NONE);
    assert_eq!(vault.bucket.objects().await.into_keys().collect::<Vec<_>>(), [kept.key()]);
}

#[tokio::test]
async fn an_orphan_that_can_not_be_removed_now_is_tried_again() {
    let vault = TestVault::new().await;
    let proxy = Proxy::before(vault.bucket.config().endpoint.as_deref().unwrap()).await;
    let storage = vault.bucket.config_by(&proxy.endpoint());
    let parts = vault.parts_by(&vault.database.address(), storage, vault.queue.clone());
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    let event = [vault.put_event(upload.document_id).await];
    alice.remove(upload.document_id).await.expect(204);
    assert_eq!(upload.put(b"again").await, 200);
    proxy.set(Mode::Down);
    let context = lambda_runtime::Context::default;
    assert_eq!(vault.classify_by(parts.clone(), context(), &event).await, [0]);
    proxy.set(Mode::Pass);
    assert_eq!(vault.classify_by(parts, context(), &event).await, NONE);
    assert!(vault.bucket.objects().await.is_empty());
}

#[tokio::test]
async fn an_object_under_another_key_of_a_living_document_is_an_orphan() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let other = format!("{}/{}/{}.txt", alice.id(), upload.document_id, uuid::Uuid::new_v4());
    let put = vault.bucket.client.put_object().bucket(&vault.bucket.name).key(&other);
    put.body(b"other".to_vec().into()).send().await.unwrap();
    assert_eq!(vault.classify(&[put_event(&vault.bucket.name, &other)]).await, NONE);
    assert_eq!(vault.bucket.objects().await.into_keys().collect::<Vec<_>>(), [upload.key()]);
    assert_eq!(status(&vault, &upload).await, "uploaded");
}

#[tokio::test]
async fn a_nudge_for_a_deleted_document_is_acknowledged() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    alice.remove(upload.document_id).await.expect(204);
    let before = vault.rows().await;
    let bodies = [nudge(upload.document_id), nudge(DocumentId::new())];
    assert_eq!(vault.classify(&bodies).await, NONE);
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn what_is_not_for_us_is_acknowledged_and_changes_nothing() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let (pending, uploaded) = uploads(&alice).await;
    alice.confirm(uploaded.document_id).await.expect(200);
    let bucket = &vault.bucket.name;
    let put = vault.bucket.client.put_object().bucket(bucket).key("backup/a b.txt");
    put.body(b"not ours".to_vec().into()).send().await.unwrap();
    let (rows, objects) = (vault.rows().await, vault.bucket.objects().await);
    let record = |name: &str, bucket: &str, key: &str| {
        json!({"Records": [{"eventName": name, "s3": {"bucket": {"name": bucket}, "object": {"key": key}}}]})
            .to_string()
    };
    let key = pending.key();
    let bodies = [
        json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": bucket}).to_string(),
        record("ObjectCreated:Put", "another-bucket", &key),
        record("ObjectRemoved:Delete", bucket, &key),
        record("s3:ObjectAccessed:Head", bucket, &key),
        record("ObjectCreated:Put", bucket, "backup/a+b.txt"),
        record("ObjectCreated:Put", bucket, &key.to_uppercase()),
        record("ObjectCreated:Put", bucket, &key.replace('/', "%252F")),
        record("ObjectCreated:Put", bucket, &format!("{key}/../{key}")),
        record("ObjectCreated:Put", bucket, "%FF%FE"),
        record("ObjectCreated:Put", bucket, ""),
        json!({"Records": []}).to_string(),
        json!({"Records": [null, {}, [], {"s3": {}}, {"s3": {"bucket": {"name": 7}}}]}).to_string(),
        json!({"Records": "many"}).to_string(),
        json!({"document_id": 7}).to_string(),
        json!({"document_id": "x"}).to_string(),
        json!([uploaded.document_id]).to_string(),
        "[".repeat(100_000),
        "null".into(),
        "\u{0}\u{1f4be}".into(),
        "{".into(),
        String::new(),
    ];
    assert_eq!(vault.classify(&bodies).await, NONE);
    assert_eq!(vault.rows().await, rows);
    assert_eq!(vault.bucket.objects().await, objects);
}

#[tokio::test]
async fn the_store_of_aws_and_minio_and_the_nudge_mean_the_same() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for spelling in 0..4 {
        let upload = alice.keep("a.txt", b"hello").await;
        let (bucket, key) = (&vault.bucket.name, upload.key());
        let aws = |key: &str| {
            json!({"Records": [{
                "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": 5}},
            }]})
            .to_string()
        };
        let body = match spelling {
            0 => aws(&key),
            1 => aws(&key.replace('/', "%2F").replace('-', "%2D")),
            2 => put_event(bucket, &key),
            _ => nudge(upload.document_id),
        };
        assert_eq!(vault.classify(&[body]).await, NONE);
        assert_eq!(status(&vault, &upload).await, "classified", "spelling {spelling}");
    }
}

#[tokio::test]
async fn every_record_of_a_message_counts() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let (first, second) = uploads(&alice).await;
    for upload in [&first, &second] {
        alice.confirm(upload.document_id).await.expect(200);
    }
    let record = async |upload: &Upload| {
        let event: Value = serde_json::from_str(&vault.put_event(upload.document_id).await).unwrap();
        event["Records"][0].clone()
    };
    let body = json!({"Records": [record(&first).await, {"garbage": true}, record(&second).await]});
    assert_eq!(vault.classify(&[body.to_string()]).await, NONE);
    assert_eq!(status(&vault, &first).await, "classified");
    assert_eq!(status(&vault, &second).await, "classified");
}
