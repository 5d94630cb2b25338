//! The formats of messages: put-notifications of S3 and MinIO, nudges, and messages that are not for the
//! vault (SPEC section 2.4).

use serde_json::{Value, json};
use tests::{TestVault, Upload, put_notification};

const NONE: [usize; 0] = [];

#[tokio::test]
async fn foreign_and_malformed_messages_are_acknowledged_and_change_nothing() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (pending, uploaded) =
        (alice.store_pending("a.txt", b"hello").await, alice.store_pending("b.txt", b"you").await);
    alice.confirm(uploaded.document_id).await.expect(200);
    let bucket = &vault.bucket.name;
    let put = vault.bucket.client.put_object().bucket(bucket).key("backup/a b.txt");
    put.body(b"not ours".to_vec().into()).send().await.unwrap();
    let (rows, objects) = (vault.rows().await, vault.bucket.object_sizes().await);
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
    assert_eq!(vault.bucket.object_sizes().await, objects);
}

#[tokio::test]
async fn put_notifications_of_s3_and_minio_and_nudges_classify_a_document() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for format in 0..4 {
        let upload = alice.store_confirmed("a.txt", b"hello").await;
        let (bucket, key) = (&vault.bucket.name, upload.key());
        let aws = |key: &str| {
            json!({"Records": [{
                "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": 5}},
            }]})
            .to_string()
        };
        let body = match format {
            0 => aws(&key),
            1 => aws(&key.replace('/', "%2F").replace('-', "%2D")),
            2 => put_notification(bucket, &key),
            _ => json!({"document_id": upload.document_id}).to_string(),
        };
        assert_eq!(vault.classify(&[body]).await, NONE);
        assert_eq!(vault.row(upload.document_id).await["status"], "classified", "format {format}");
    }
}

#[tokio::test]
async fn every_record_of_a_message_is_handled() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (first, second) =
        (alice.store_pending("a.txt", b"hello").await, alice.store_pending("b.txt", b"you").await);
    for upload in [&first, &second] {
        alice.confirm(upload.document_id).await.expect(200);
    }
    let record = async |upload: &Upload| {
        let event: Value = serde_json::from_str(&vault.put_notification(upload.document_id).await).unwrap();
        event["Records"][0].clone()
    };
    let body = json!({"Records": [record(&first).await, {"garbage": true}, record(&second).await]});
    assert_eq!(vault.classify(&[body.to_string()]).await, NONE);
    assert_eq!(vault.row(first.document_id).await["status"], "classified");
    assert_eq!(vault.row(second.document_id).await["status"], "classified");
}

#[tokio::test]
async fn an_object_under_another_key_of_a_document_is_an_orphan() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let other = format!("{}/{}/{}.txt", alice.id(), upload.document_id, uuid::Uuid::new_v4());
    let put = vault.bucket.client.put_object().bucket(&vault.bucket.name).key(&other);
    put.body(b"other".to_vec().into()).send().await.unwrap();
    assert_eq!(vault.classify(&[put_notification(&vault.bucket.name, &other)]).await, NONE);
    assert_eq!(vault.bucket.object_sizes().await.into_keys().collect::<Vec<_>>(), [upload.key()]);
    assert_eq!(vault.row(upload.document_id).await["status"], "uploaded");
}
