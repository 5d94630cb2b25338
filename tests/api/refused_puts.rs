//! The store refuses a PUT if the client does not send what the URL was signed for (SPEC section 2.2).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use docuvault::file::{ContentType, Sha256};
use docuvault::id::{DocumentId, UserId};
use docuvault::storage::{Extension, ObjectKey, Storage};
use serde_json::{Value, json};
use tests::{Client, TestVault, Upload};

const SHA256_OF_HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn plain_request() -> Value {
    json!({"filename": "a.txt", "content_type": "text/plain"})
}

fn request_with(part: Value) -> Value {
    let mut request = plain_request();
    request.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    request
}

/// Asserts that nothing was stored, and that the correct PUT still works.
async fn assert_nothing_stored(vault: &TestVault, alice: &Client, upload: &Upload) {
    assert!(vault.bucket.object_sizes().await.is_empty());
    alice.confirm(upload.document_id).await.expect(422);
    assert_eq!(upload.put(b"hello").await, 200);
    alice.confirm(upload.document_id).await.expect(200);
    alice.delete_document(upload.document_id).await.expect(204);
}

#[tokio::test]
async fn every_upload_url_signs_the_headers_that_the_client_must_send() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for (request, signed) in [
        (plain_request(), vec!["content-type", "host", "if-none-match"]),
        (
            request_with(json!({"size_bytes": 5})),
            vec!["content-length", "content-type", "host", "if-none-match"],
        ),
        (
            request_with(json!({"sha256": SHA256_OF_HELLO})),
            vec!["content-type", "host", "if-none-match", "x-amz-checksum-sha256"],
        ),
        (
            request_with(json!({"size_bytes": 0, "sha256": SHA256_OF_HELLO})),
            vec!["content-length", "content-type", "host", "if-none-match", "x-amz-checksum-sha256"],
        ),
    ] {
        let upload = alice.begin_upload(request).await;
        assert_eq!(upload.signed_headers(), signed);
        let mut sent: Vec<&str> = upload.headers.keys().map(String::as_str).collect();
        sent.push("host");
        sent.sort_unstable();
        assert_eq!(sent, signed, "the client is told to send exactly the signed headers");
    }
}

#[tokio::test]
async fn a_put_without_a_signed_header_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for missing in ["content-type", "if-none-match", "x-amz-checksum-sha256"] {
        let upload =
            alice.begin_upload(request_with(json!({"size_bytes": 5, "sha256": SHA256_OF_HELLO}))).await;
        let mut headers = upload.headers.clone();
        headers.remove(missing).unwrap();
        let status = upload.put_with(b"hello", &headers).await;
        assert!((400..500).contains(&status), "without {missing}: {status}");
        assert_nothing_stored(&vault, &alice, &upload).await;
    }
}

#[tokio::test]
async fn a_put_with_another_value_of_a_signed_header_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for (name, value) in [
        ("content-type", "text/html"),
        ("if-none-match", "\"something\""),
        ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ] {
        let upload = alice.begin_upload(request_with(json!({"sha256": SHA256_OF_HELLO}))).await;
        let mut headers = upload.headers.clone();
        headers.insert(name.into(), value.into());
        let status = upload.put_with(b"hello", &headers).await;
        assert!((400..500).contains(&status), "{name}: {value}: {status}");
        assert_nothing_stored(&vault, &alice, &upload).await;
    }
}

#[tokio::test]
async fn a_put_of_other_bytes_than_declared_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for (declaration, bytes) in [
        (json!({"size_bytes": 5}), &b"hello!"[..]),
        (json!({"size_bytes": 5}), b"hell"),
        (json!({"size_bytes": 5}), b""),
        (json!({"sha256": SHA256_OF_HELLO}), b"world"),
        (json!({"sha256": SHA256_OF_HELLO}), b""),
        (json!({"size_bytes": 5, "sha256": SHA256_OF_HELLO}), b"world"),
    ] {
        let upload = alice.begin_upload(request_with(declaration.clone())).await;
        let mut headers = upload.headers.clone();
        // The client sends the true length, as a browser always does.
        headers.remove("content-length");
        let status = upload.put_with(bytes, &headers).await;
        assert!((400..500).contains(&status), "{declaration}: {status}");
        assert_nothing_stored(&vault, &alice, &upload).await;
    }
}

#[tokio::test]
async fn an_upload_url_works_for_its_own_key_and_method_only() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (first, second) =
        (alice.begin_upload(plain_request()).await, alice.begin_upload(plain_request()).await);
    let mut stolen = first.clone();
    stolen.upload_url = first.upload_url.replace(&first.key(), &second.key());
    assert_eq!(stolen.put(b"hello").await, 403);
    stolen.upload_url = first.upload_url.replace("X-Amz-Expires=900", "X-Amz-Expires=90000");
    assert_eq!(stolen.put(b"hello").await, 403);
    let client = reqwest::Client::new();
    for request in [client.get(&first.upload_url), client.delete(&first.upload_url)] {
        let status = request.send().await.unwrap().status();
        assert!(status.is_client_error(), "{status}");
    }
    assert_nothing_stored(&vault, &alice, &first).await;
}

#[tokio::test]
async fn an_expired_upload_url_stores_nothing() {
    let vault = TestVault::new().await;
    let storage = Storage::new(vault.bucket.config());
    let key = ObjectKey::new(UserId::new(), DocumentId::new(), Extension::from_filename("a.txt"));
    let content_type = ContentType::try_from("text/plain".to_owned()).unwrap();
    let sha256 = Sha256::try_from(SHA256_OF_HELLO.to_owned()).unwrap();
    let now = time::OffsetDateTime::now_utc();
    let presigned =
        storage.presign_put(&key, &content_type, None, Some(sha256), now, Duration::from_secs(1)).unwrap();
    let give_up = Instant::now() + Duration::from_secs(20);
    // Until the URL has expired, the store refuses these bytes for another reason: their checksum.
    let put = async |bytes: &'static str| {
        let mut request = reqwest::Client::new().put(&presigned.url).body(bytes);
        for (name, value) in BTreeMap::clone(&presigned.headers) {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    while put("world").await.0 != 403 {
        assert!(Instant::now() < give_up, "the URL does not expire");
    }
    let (status, body) = put("hello").await;
    assert!(status == 403 && body.contains("expired"), "{status}: {body}");
    assert!(vault.bucket.object_sizes().await.is_empty());
}

/// The test adds headers that make MinIO treat an object as encrypted: nobody can read the object, and MinIO
/// reports too small a size.
#[tokio::test]
async fn an_unreadable_object_is_never_charged() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for (header, code) in [
        ("x-minio-replication-encrypted-multipart", "upload_mismatch"),
        ("x-minio-replication-server-side-encryption-iv", "upload_mismatch"),
        ("x-minio-replication-server-side-encryption-seal-algorithm", "upload_mismatch"),
        ("x-minio-replication-server-side-encryption-sealed-key", "store_unreachable"),
    ] {
        for size in [5, 33, 100_000] {
            for (declaration, advice) in [
                (json!({}), "send the given headers only"),
                (json!({"size_bytes": size}), "the upload is discarded"),
            ] {
                let upload = alice.begin_upload(request_with(declaration)).await;
                let mut headers = upload.headers.clone();
                headers.insert(header.into(), "1".into());
                assert_eq!(upload.put_with(&vec![b'x'; size], &headers).await, 200);
                let refusal = alice.confirm(upload.document_id).await;
                assert_eq!(refusal.body["code"], code, "{header}, {size} bytes: {}", refusal.body);
                let detail = refusal.body["detail"].as_str().unwrap();
                assert_eq!(detail.contains(advice), code == "upload_mismatch", "{detail}");
            }
        }
    }
    assert_eq!(alice.used_bytes().await, 0);
    vault.age_hours(2).await;
    vault.sweep().await;
    assert!(
        vault.bucket.object_sizes().await.is_empty(),
        "refused uploads are removed at once, the others by the sweep"
    );
}
