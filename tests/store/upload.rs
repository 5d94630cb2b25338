use docuvault::storage::{EntityTag, StoredObject};

use crate::differences::{NO_CHECKSUM, OTHER_BYTES, OTHER_LENGTH, OTHER_TYPE, REPORTED_CHECKSUMS};
use crate::fixture::{StoreFixture, new_key, sha256_of_hello, text_plain};

crate::contracts! {
    a_put_stores_the_bytes,
    an_empty_object_can_be_stored,
    a_put_of_another_length_than_signed_is_refused,
    a_put_with_another_content_type_than_signed_is_refused,
    the_signed_checksum_is_stored_and_reported,
    a_put_of_bytes_with_another_checksum_is_refused,
    a_put_without_the_signed_checksum_is_refused,
}

async fn a_put_stores_the_bytes(fixture: &StoreFixture) {
    let key = new_key();
    assert_eq!(fixture.storage.head(&key).await.unwrap(), None);
    let signed = fixture.sign(&key, None, None).await;
    let names: Vec<_> = signed.headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["content-type", "if-none-match"]);
    assert_eq!(fixture.put(&signed, b"hello").await, 200);
    let stored = fixture.storage.head(&key).await.unwrap().unwrap();
    assert_eq!(stored.size_bytes, 5);
    assert_eq!(fixture.bucket.read(&key.to_string()).await, b"hello");
}

async fn an_empty_object_can_be_stored(fixture: &StoreFixture) {
    let key = new_key();
    assert_eq!(fixture.put(&fixture.sign(&key, Some(0), None).await, b"").await, 200);
    assert_eq!(fixture.storage.head(&key).await.unwrap().unwrap().size_bytes, 0);
}

async fn a_put_of_another_length_than_signed_is_refused(fixture: &StoreFixture) {
    let key = new_key();
    let mut signed = fixture.sign(&key, Some(5), None).await;
    assert_eq!(signed.headers.remove("content-length").as_deref(), Some("5"));
    assert_eq!(fixture.put(&signed, b"hello and more").await, fixture.expected(&OTHER_LENGTH));
}

async fn a_put_with_another_content_type_than_signed_is_refused(fixture: &StoreFixture) {
    let key = new_key();
    let mut signed = fixture.sign(&key, None, None).await;
    signed.headers.insert("content-type".into(), "text/html".into());
    assert_eq!(fixture.put(&signed, b"hello").await, fixture.expected(&OTHER_TYPE));
}

async fn the_signed_checksum_is_stored_and_reported(fixture: &StoreFixture) {
    let key = new_key();
    let signed = fixture.sign(&key, Some(5), Some(sha256_of_hello())).await;
    assert!(signed.headers.contains_key("x-amz-checksum-sha256"));
    assert_eq!(fixture.put(&signed, b"hello").await, 200);
    let sha256 = (fixture.expected(&REPORTED_CHECKSUMS) == 1).then(sha256_of_hello);
    let etag = EntityTag::parse("\"5d41402abc4b2a76b9719d911017c592\"");
    let stored = StoredObject { size_bytes: 5, sha256, etag, content_type: Some(text_plain()) };
    assert_eq!(fixture.storage.head(&key).await.unwrap(), Some(stored));
}

async fn a_put_of_bytes_with_another_checksum_is_refused(fixture: &StoreFixture) {
    let key = new_key();
    let signed = fixture.sign(&key, Some(5), Some(sha256_of_hello())).await;
    let status = fixture.put(&signed, b"hallo").await;
    assert_eq!(status, fixture.expected(&OTHER_BYTES));
    assert_eq!(fixture.storage.head(&key).await.unwrap().is_some(), status == 200);
}

async fn a_put_without_the_signed_checksum_is_refused(fixture: &StoreFixture) {
    let key = new_key();
    let mut signed = fixture.sign(&key, Some(5), Some(sha256_of_hello())).await;
    signed.headers.remove("x-amz-checksum-sha256");
    assert_eq!(fixture.put(&signed, b"hello").await, fixture.expected(&NO_CHECKSUM));
    // Whether or not the store accepted the bytes, it reports no checksum that it did not check.
    let stored = fixture.storage.head(&key).await.unwrap();
    assert_eq!(stored.and_then(|object| object.sha256), None);
}
