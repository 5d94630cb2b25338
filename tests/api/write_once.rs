//! Confirmed bytes cannot be replaced (promise P3 in `README.md`).

use tests::{Client, TestVault, Upload, promises};

/// PUTs several bodies by the same URL, and asserts the store's status each time.
async fn assert_put_again(upload: &Upload, expected: u16) {
    for bytes in [&b"world"[..], b"a larger object than before", b"", b"hello"] {
        assert_eq!(upload.put(bytes).await, expected);
    }
}

/// Asserts that after the URL's expiry and a sweep only charged bytes are stored.
async fn assert_only_charged_bytes_remain(vault: &TestVault, alice: &Client, used_bytes: i64) {
    vault.age_hours(26).await;
    vault.sweep().await;
    promises::check(vault).await.unwrap();
    promises::check_every_object_has_a_row(vault).await.unwrap();
    assert_eq!(alice.used_bytes().await, used_bytes);
    assert_eq!(vault.bucket.object_sizes().await.into_values().sum::<i64>(), used_bytes);
    assert_eq!(vault.count_tombstones().await, 0);
}

#[tokio::test]
async fn a_confirmed_object_cannot_be_replaced() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    assert_put_again(&upload, 412).await;
    assert_eq!(vault.bucket.read(&upload.key()).await, b"hello");
    assert_eq!(alice.confirm(upload.document_id).await.expect(200)["size_bytes"], 5);
    assert_only_charged_bytes_remain(&vault, &alice, 5).await;
    assert_eq!(vault.bucket.read(&upload.key()).await, b"hello");
}

#[tokio::test]
async fn a_stored_object_cannot_be_replaced_before_its_confirmation() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    assert_put_again(&upload, 412).await;
    assert_eq!(vault.bucket.read(&upload.key()).await, b"hello");
    assert_eq!(alice.confirm(upload.document_id).await.expect(200)["size_bytes"], 5);
}

#[tokio::test]
async fn one_of_several_concurrent_puts_is_stored_and_charged() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload =
        alice.begin_upload(serde_json::json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    let puts: Vec<_> = (1..=8_usize)
        .map(|size| {
            let upload = upload.clone();
            tokio::spawn(async move { (size, upload.put(&vec![b'x'; size]).await) })
        })
        .collect();
    let mut winners = Vec::new();
    for put in puts {
        match put.await.unwrap() {
            (size, 200) => winners.push(size),
            (_, status) => assert!([409, 412].contains(&status), "{status}"),
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    let confirmed = alice.confirm(upload.document_id).await.expect(200);
    assert_eq!(confirmed["size_bytes"], winners[0]);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn an_object_put_again_after_a_refusal_is_removed() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    vault.set_limit(alice.id(), 4).await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    alice.confirm(upload.document_id).await.expect(413);
    assert_eq!(upload.put(b"a larger object than before").await, 200);
    alice.confirm(upload.document_id).await.expect(404);
    promises::check(&vault).await.unwrap();
    assert_only_charged_bytes_remain(&vault, &alice, 0).await;
}

#[tokio::test]
async fn an_object_put_again_after_a_mismatch_is_removed() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let declared = serde_json::json!({"filename": "a.txt", "content_type": "text/plain", "size_bytes": 5});
    let upload = alice.begin_upload(declared).await;
    let put = vault.bucket.client.put_object().bucket(&vault.bucket.name).key(upload.key());
    put.body(b"other".repeat(3).into()).send().await.unwrap();
    alice.confirm(upload.document_id).await.expect(422);
    assert_eq!(upload.put(b"hello").await, 200);
    alice.confirm(upload.document_id).await.expect(404);
    assert_only_charged_bytes_remain(&vault, &alice, 0).await;
}

#[tokio::test]
async fn an_object_put_again_after_a_deletion_is_removed() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (upload, pending) =
        (alice.store_confirmed("a.txt", b"hello").await, alice.store_pending("b.txt", b"you").await);
    let kept = alice.store_confirmed("c.txt", b"kept").await;
    alice.delete_document(upload.document_id).await.expect(204);
    alice.delete_document(pending.document_id).await.expect(204);
    for upload in [&upload, &pending] {
        assert_eq!(upload.put(b"other").await, 200);
        alice.confirm(upload.document_id).await.expect(404);
    }
    assert_eq!(alice.used_bytes().await, 4);
    promises::check(&vault).await.unwrap();
    assert_only_charged_bytes_remain(&vault, &alice, 4).await;
    assert_eq!(vault.bucket.read(&kept.key()).await, b"kept");
}

#[tokio::test]
async fn an_object_put_after_its_upload_was_abandoned_is_removed() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    // The sweep comes while the store still accepts the URL: the clocks may differ.
    vault.age_hours(2).await;
    assert_eq!(vault.sweep().await.abandoned, 1);
    assert_eq!(upload.put(b"other").await, 200);
    promises::check(&vault).await.unwrap();
    assert_only_charged_bytes_remain(&vault, &alice, 0).await;
}
