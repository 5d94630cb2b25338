//! What the store refuses of a client that does not do as it was told (SPEC section 2.2).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use docuvault::file::{ContentType, Sha256};
use docuvault::id::{DocumentId, UserId};
use docuvault::storage::{Extension, ObjectKey, Storage};
use serde_json::{Value, json};
use tests::{Client, TestVault, Upload};

const SHA256_OF_HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn plain() -> Value {
    json!({"filename": "a.txt", "content_type": "text/plain"})
}

fn with(part: Value) -> Value {
    let mut request = plain();
    request.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    request
}

/// Nothing was stored by what the client tried, and the right PUT still works.
async fn still_unwritten(vault: &TestVault, alice: &Client, upload: &Upload) {
    assert!(vault.bucket.objects().await.is_empty());
    alice.confirm(upload.document_id).await.expect(422);
    assert_eq!(upload.put(b"hello").await, 200);
    alice.confirm(upload.document_id).await.expect(200);
    alice.remove(upload.document_id).await.expect(204);
}

#[tokio::test]
async fn every_url_has_its_headers_signed() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for (request, signed) in [
        (plain(), vec!["content-type", "host", "if-none-match"]),
        (with(json!({"size_bytes": 5})), vec!["content-length", "content-type", "host", "if-none-match"]),
        (
            with(json!({"sha256": SHA256_OF_HELLO})),
            vec!["content-type", "host", "if-none-match", "x-amz-checksum-sha256"],
        ),
        (
            with(json!({"size_bytes": 0, "sha256": SHA256_OF_HELLO})),
            vec!["content-length", "content-type", "host", "if-none-match", "x-amz-checksum-sha256"],
        ),
    ] {
        let upload = alice.begin(request).await;
        assert_eq!(upload.signed_headers(), signed);
        let mut sent: Vec<&str> = upload.headers.keys().map(String::as_str).collect();
        sent.push("host");
        sent.sort_unstable();
        assert_eq!(sent, signed, "what is signed is what the client is told to send");
    }
}

#[tokio::test]
async fn a_put_without_one_of_its_headers_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for missing in ["content-type", "if-none-match", "x-amz-checksum-sha256"] {
        let upload = alice.begin(with(json!({"size_bytes": 5, "sha256": SHA256_OF_HELLO}))).await;
        let mut headers = upload.headers.clone();
        headers.remove(missing).unwrap();
        let status = upload.put_with(b"hello", &headers).await;
        assert!((400..500).contains(&status), "without {missing}: {status}");
        still_unwritten(&vault, &alice, &upload).await;
    }
}

#[tokio::test]
async fn a_put_with_another_value_of_a_header_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for (name, value) in [
        ("content-type", "text/html"),
        ("if-none-match", "\"something\""),
        ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ] {
        let upload = alice.begin(with(json!({"sha256": SHA256_OF_HELLO}))).await;
        let mut headers = upload.headers.clone();
        headers.insert(name.into(), value.into());
        let status = upload.put_with(b"hello", &headers).await;
        assert!((400..500).contains(&status), "{name}: {value}: {status}");
        still_unwritten(&vault, &alice, &upload).await;
    }
}

#[tokio::test]
async fn a_put_of_other_bytes_than_declared_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for (declaration, bytes) in [
        (json!({"size_bytes": 5}), &b"hello!"[..]),
        (json!({"size_bytes": 5}), b"hell"),
        (json!({"size_bytes": 5}), b""),
        (json!({"sha256": SHA256_OF_HELLO}), b"world"),
        (json!({"sha256": SHA256_OF_HELLO}), b""),
        (json!({"size_bytes": 5, "sha256": SHA256_OF_HELLO}), b"world"),
    ] {
        let upload = alice.begin(with(declaration.clone())).await;
        let mut headers = upload.headers.clone();
        // The true length, as a browser would send whatever it was told.
        headers.remove("content-length");
        let status = upload.put_with(bytes, &headers).await;
        assert!((400..500).contains(&status), "{declaration}: {status}");
        still_unwritten(&vault, &alice, &upload).await;
    }
}

#[tokio::test]
async fn a_url_is_good_for_its_own_key_and_method_only() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let (first, second) = (alice.begin(plain()).await, alice.begin(plain()).await);
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
    still_unwritten(&vault, &alice, &first).await;
}

#[tokio::test]
async fn an_expired_url_stores_nothing() {
    let vault = TestVault::new().await;
    let storage = Storage::new(vault.bucket.config());
    let key = ObjectKey::new(UserId::new(), DocumentId::new(), Extension::from_filename("a.txt"));
    let content_type = ContentType::try_from("text/plain".to_owned()).unwrap();
    let sha256 = Sha256::try_from(SHA256_OF_HELLO.to_owned()).unwrap();
    let presigned =
        storage.presign_put(&key, &content_type, None, Some(sha256), Duration::from_secs(1)).unwrap();
    let give_up = Instant::now() + Duration::from_secs(20);
    // Other bytes are refused for another reason until the URL has expired.
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
    assert!(vault.bucket.objects().await.is_empty());
}

/// MinIO takes an object for encrypted whose uploader says so, hands it out to nobody, and tells a size that is too small.
#[tokio::test]
async fn an_object_that_nobody_can_read_is_never_charged() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for (header, code) in [
        ("x-minio-replication-encrypted-multipart", "upload_mismatch"),
        ("x-minio-replication-server-side-encryption-iv", "upload_mismatch"),
        ("x-minio-replication-server-side-encryption-seal-algorithm", "upload_mismatch"),
        ("x-minio-replication-server-side-encryption-sealed-key", "store_unreachable"),
    ] {
        for size in [5, 33, 100_000] {
            for (declaration, told) in [
                (json!({}), "send the given headers only"),
                (json!({"size_bytes": size}), "the upload is discarded"),
            ] {
                let upload = alice.begin(with(declaration)).await;
                let mut headers = upload.headers.clone();
                headers.insert(header.into(), "1".into());
                assert_eq!(upload.put_with(&vec![b'x'; size], &headers).await, 200);
                let refusal = alice.confirm(upload.document_id).await;
                assert_eq!(refusal.body["code"], code, "{header}, {size} bytes: {}", refusal.body);
                let detail = refusal.body["detail"].as_str().unwrap();
                assert_eq!(detail.contains(told), code == "upload_mismatch", "{detail}");
            }
        }
    }
    assert_eq!(alice.used_bytes().await, 0);
    vault.age(2).await;
    vault.sweep().await;
    assert!(
        vault.bucket.objects().await.is_empty(),
        "what is refused is gone, what can't be asked for is abandoned"
    );
}
