//! The bytes that were confirmed are the bytes that stay (SPEC section 1, P3).

use tests::{Client, TestVault, Upload, promises};

/// Whatever the URL's holder tries now.
async fn put_again(upload: &Upload, expected: u16) {
    for bytes in [&b"world"[..], b"a larger object than before", b"", b"hello"] {
        assert_eq!(upload.put(bytes).await, expected);
    }
}

/// Nothing that is not counted outlives the URL and a sweep.
async fn nothing_uncounted_survives(vault: &TestVault, alice: &Client, used_bytes: i64) {
    vault.age(26).await;
    vault.sweep().await;
    promises::hold(vault).await.unwrap();
    promises::no_object_without_row(vault).await.unwrap();
    assert_eq!(alice.used_bytes().await, used_bytes);
    assert_eq!(vault.bucket.objects().await.into_values().sum::<i64>(), used_bytes);
    assert_eq!(vault.tombstones().await, 0);
}

#[tokio::test]
async fn a_confirmed_object_can_not_be_replaced() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    put_again(&upload, 412).await;
    assert_eq!(vault.bucket.read(&upload.key()).await, b"hello");
    assert_eq!(alice.confirm(upload.document_id).await.expect(200)["size_bytes"], 5);
    nothing_uncounted_survives(&vault, &alice, 5).await;
    assert_eq!(vault.bucket.read(&upload.key()).await, b"hello");
}

#[tokio::test]
async fn a_stored_object_can_not_be_replaced_before_its_confirmation() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    put_again(&upload, 412).await;
    assert_eq!(vault.bucket.read(&upload.key()).await, b"hello");
    assert_eq!(alice.confirm(upload.document_id).await.expect(200)["size_bytes"], 5);
}

#[tokio::test]
async fn of_many_puts_at_once_one_wins_and_its_size_is_charged() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.begin(serde_json::json!({"filename": "a.txt", "content_type": "text/plain"})).await;
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
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn an_object_put_again_after_a_refusal_is_removed() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    vault.limit(alice.id(), 4).await;
    let upload = alice.store("a.txt", b"hello").await;
    alice.confirm(upload.document_id).await.expect(413);
    assert_eq!(upload.put(b"a larger object than before").await, 200);
    alice.confirm(upload.document_id).await.expect(404);
    promises::hold(&vault).await.unwrap();
    nothing_uncounted_survives(&vault, &alice, 0).await;
}

#[tokio::test]
async fn an_object_put_again_after_a_mismatch_is_removed() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let declared = serde_json::json!({"filename": "a.txt", "content_type": "text/plain", "size_bytes": 5});
    let upload = alice.begin(declared).await;
    let put = vault.bucket.client.put_object().bucket(&vault.bucket.name).key(upload.key());
    put.body(b"other".repeat(3).into()).send().await.unwrap();
    alice.confirm(upload.document_id).await.expect(422);
    assert_eq!(upload.put(b"hello").await, 200);
    alice.confirm(upload.document_id).await.expect(404);
    nothing_uncounted_survives(&vault, &alice, 0).await;
}

#[tokio::test]
async fn an_object_put_again_after_a_deletion_is_removed() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let (upload, pending) = (alice.keep("a.txt", b"hello").await, alice.store("b.txt", b"you").await);
    let kept = alice.keep("c.txt", b"kept").await;
    alice.remove(upload.document_id).await.expect(204);
    alice.remove(pending.document_id).await.expect(204);
    for upload in [&upload, &pending] {
        assert_eq!(upload.put(b"other").await, 200);
        alice.confirm(upload.document_id).await.expect(404);
    }
    assert_eq!(alice.used_bytes().await, 4);
    promises::hold(&vault).await.unwrap();
    nothing_uncounted_survives(&vault, &alice, 4).await;
    assert_eq!(vault.bucket.read(&kept.key()).await, b"kept");
}

#[tokio::test]
async fn an_object_put_after_its_upload_was_abandoned_is_removed() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    // Swept while the store still takes the URL: clocks need not agree.
    vault.age(2).await;
    assert_eq!(vault.sweep().await.abandoned, 1);
    assert_eq!(upload.put(b"other").await, 200);
    promises::hold(&vault).await.unwrap();
    nothing_uncounted_survives(&vault, &alice, 0).await;
}
