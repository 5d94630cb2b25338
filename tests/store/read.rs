use docuvault::storage::{EntityTag, Fetched, ObjectBody, ObjectKey, Versioning};
use tokio::io::AsyncReadExt as _;

use crate::fixture::{StoreFixture, new_key, sha256_of_hello};

crate::contracts! {
    an_object_is_read_completely_and_its_size_is_known_first,
    an_object_with_a_checksum_can_be_read,
    an_object_that_is_not_read_to_its_end_does_not_block_others,
    an_empty_object_can_be_read,
    an_absent_object_is_reported_as_absent,
    an_object_with_another_entity_tag_is_not_read,
    a_bucket_reports_whether_it_is_versioned,
    a_missing_bucket_does_not_report_its_versioning,
}

/// Fetches an object that must exist.
async fn fetch(fixture: &StoreFixture, key: &ObjectKey) -> ObjectBody {
    match fixture.storage.read(key, None).await.unwrap() {
        Fetched::Found(object) => object,
        _ => panic!("no object"),
    }
}

/// Reads an object: its size and its bytes.
async fn read(fixture: &StoreFixture, key: &ObjectKey) -> (u64, Vec<u8>) {
    let mut object = fetch(fixture, key).await;
    let mut bytes = Vec::new();
    object.body.read_to_end(&mut bytes).await.unwrap();
    (object.size_bytes, bytes)
}

async fn an_object_is_read_completely_and_its_size_is_known_first(fixture: &StoreFixture) {
    for length in [1, 5, 3_000_000] {
        let bytes: Vec<u8> = (0..=255).cycle().take(length).collect();
        let key = fixture.store_object(&bytes).await;
        assert!(read(fixture, &key).await == (length as u64, bytes), "{length}");
    }
}

async fn an_object_with_a_checksum_can_be_read(fixture: &StoreFixture) {
    let key = new_key();
    let signed = fixture.sign(&key, Some(5), Some(sha256_of_hello())).await;
    assert_eq!(fixture.put(&signed, b"hello").await, 200);
    assert_eq!(read(fixture, &key).await, (5, b"hello".to_vec()));
}

async fn an_object_that_is_not_read_to_its_end_does_not_block_others(fixture: &StoreFixture) {
    let (large, small) =
        (fixture.store_object(&vec![7; 3_000_000]).await, fixture.store_object(b"hello").await);
    for _ in 0..20 {
        assert_eq!(fetch(fixture, &large).await.size_bytes, 3_000_000);
    }
    assert_eq!(read(fixture, &small).await, (5, b"hello".to_vec()));
}

async fn an_empty_object_can_be_read(fixture: &StoreFixture) {
    let key = fixture.store_object(b"").await;
    assert_eq!(read(fixture, &key).await, (0, vec![]));
}

async fn an_absent_object_is_reported_as_absent(fixture: &StoreFixture) {
    assert_eq!(fixture.storage.head(&new_key()).await.unwrap(), None);
    let tag = EntityTag::parse("\"5d41402abc4b2a76b9719d911017c592\"");
    for tag in [None, tag.as_ref()] {
        assert!(matches!(fixture.storage.read(&new_key(), tag).await.unwrap(), Fetched::Absent));
    }
}

async fn an_object_with_another_entity_tag_is_not_read(fixture: &StoreFixture) {
    let key = fixture.store_object(b"hello").await;
    let tag = fixture.storage.head(&key).await.unwrap().unwrap().etag.unwrap();
    let put = fixture.bucket.client.put_object().bucket(&fixture.bucket.name).key(key.to_string());
    assert!(matches!(fixture.storage.read(&key, Some(&tag)).await.unwrap(), Fetched::Found(_)));
    put.body(b"hallo".to_vec().into()).send().await.unwrap();
    assert!(matches!(fixture.storage.read(&key, Some(&tag)).await.unwrap(), Fetched::Changed));
    assert_eq!(read(fixture, &key).await, (5, b"hallo".to_vec()));
}

async fn a_bucket_reports_whether_it_is_versioned(fixture: &StoreFixture) {
    if fixture.is_moto {
        // moto's answer has another XML element than S3's, and the SDK cannot parse it.
        fixture.storage.versioning().await.unwrap_err();
        return;
    }
    assert_eq!(fixture.storage.versioning().await.unwrap(), Versioning::Off);
    fixture.bucket.set_versioning(true).await;
    assert_eq!(fixture.storage.versioning().await.unwrap(), Versioning::On);
    fixture.bucket.set_versioning(false).await;
    assert_eq!(fixture.storage.versioning().await.unwrap(), Versioning::Suspended);
}

async fn a_missing_bucket_does_not_report_its_versioning(fixture: &StoreFixture) {
    fixture.bucket.client.delete_bucket().bucket(&fixture.bucket.name).send().await.unwrap();
    fixture.storage.versioning().await.unwrap_err();
}
