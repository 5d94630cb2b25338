use docuvault::storage::{EntityTag, StoredObject};

use crate::differences::{NO_CHECKSUM, OTHER_BYTES, OTHER_LENGTH, OTHER_TYPE, TOLD_CHECKSUMS};
use crate::stand::{Stand, key, sum_of_hello};

crate::contracts! {
    what_was_put_is_there,
    an_empty_object_is_an_object,
    the_declared_length_is_signed,
    another_type_is_not_admitted,
    the_declared_checksum_is_kept_and_told,
    other_bytes_than_the_checksum_says_are_refused,
    a_checksum_that_is_not_sent_is_missed,
}

async fn what_was_put_is_there(stand: &Stand) {
    let key = key();
    assert_eq!(stand.storage.head(&key).await.unwrap(), None);
    let signed = stand.sign(&key, None, None).await;
    let names: Vec<_> = signed.headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["content-type", "if-none-match"]);
    assert_eq!(stand.put(&signed, b"hello").await, 200);
    let stored = stand.storage.head(&key).await.unwrap().unwrap();
    assert_eq!(stored.size_bytes, 5);
    assert_eq!(stand.bucket.read(&key.to_string()).await, b"hello");
}

async fn an_empty_object_is_an_object(stand: &Stand) {
    let key = key();
    assert_eq!(stand.put(&stand.sign(&key, Some(0), None).await, b"").await, 200);
    assert_eq!(stand.storage.head(&key).await.unwrap().unwrap().size_bytes, 0);
}

async fn the_declared_length_is_signed(stand: &Stand) {
    let key = key();
    let mut signed = stand.sign(&key, Some(5), None).await;
    assert_eq!(signed.headers.remove("content-length").as_deref(), Some("5"));
    assert_eq!(stand.put(&signed, b"hello and more").await, stand.answer(&OTHER_LENGTH));
}

async fn another_type_is_not_admitted(stand: &Stand) {
    let key = key();
    let mut signed = stand.sign(&key, None, None).await;
    signed.headers.insert("content-type".into(), "text/html".into());
    assert_eq!(stand.put(&signed, b"hello").await, stand.answer(&OTHER_TYPE));
}

async fn the_declared_checksum_is_kept_and_told(stand: &Stand) {
    let key = key();
    let signed = stand.sign(&key, Some(5), Some(sum_of_hello())).await;
    assert!(signed.headers.contains_key("x-amz-checksum-sha256"));
    assert_eq!(stand.put(&signed, b"hello").await, 200);
    let sha256 = (stand.answer(&TOLD_CHECKSUMS) == 1).then(sum_of_hello);
    let etag = EntityTag::parse("\"5d41402abc4b2a76b9719d911017c592\"");
    let stored = StoredObject { size_bytes: 5, sha256, etag };
    assert_eq!(stand.storage.head(&key).await.unwrap(), Some(stored));
}

async fn other_bytes_than_the_checksum_says_are_refused(stand: &Stand) {
    let key = key();
    let signed = stand.sign(&key, Some(5), Some(sum_of_hello())).await;
    let status = stand.put(&signed, b"hallo").await;
    assert_eq!(status, stand.answer(&OTHER_BYTES));
    assert_eq!(stand.storage.head(&key).await.unwrap().is_some(), status == 200);
}

async fn a_checksum_that_is_not_sent_is_missed(stand: &Stand) {
    let key = key();
    let mut signed = stand.sign(&key, Some(5), Some(sum_of_hello())).await;
    signed.headers.remove("x-amz-checksum-sha256");
    assert_eq!(stand.put(&signed, b"hello").await, stand.answer(&NO_CHECKSUM));
    // Whether or not the bytes were admitted, no checksum is told that was not enforced.
    let stored = stand.storage.head(&key).await.unwrap();
    assert_eq!(stored.and_then(|object| object.sha256), None);
}
