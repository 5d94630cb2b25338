use docuvault::storage::{EntityTag, Fetched, ObjectBody, ObjectKey, Versioning};
use tokio::io::AsyncReadExt as _;

use crate::stand::{Stand, key, sum_of_hello};

crate::contracts! {
    an_object_is_read_whole_and_says_its_size_first,
    an_object_with_a_checksum_is_read_like_any_other,
    an_object_that_is_not_wanted_after_all_is_in_nobodys_way,
    an_empty_object_reads_as_nothing,
    an_absent_object_reads_as_absent,
    another_object_than_the_one_asked_for_is_not_read,
    a_bucket_tells_whether_it_keeps_what_is_deleted,
    a_bucket_that_does_not_exist_does_not_answer,
}

/// What comes.
async fn fetch(stand: &Stand, key: &ObjectKey) -> ObjectBody {
    match stand.storage.read(key, None).await.unwrap() {
        Fetched::Found(object) => object,
        _ => panic!("no object"),
    }
}

/// Size and bytes of what is stored.
async fn read(stand: &Stand, key: &ObjectKey) -> (u64, Vec<u8>) {
    let mut object = fetch(stand, key).await;
    let mut bytes = Vec::new();
    object.body.read_to_end(&mut bytes).await.unwrap();
    (object.size_bytes, bytes)
}

async fn an_object_is_read_whole_and_says_its_size_first(stand: &Stand) {
    for length in [1, 5, 3_000_000] {
        let bytes: Vec<u8> = (0..=255).cycle().take(length).collect();
        let key = stand.store(&bytes).await;
        assert!(read(stand, &key).await == (length as u64, bytes), "{length}");
    }
}

async fn an_object_with_a_checksum_is_read_like_any_other(stand: &Stand) {
    let key = key();
    let signed = stand.sign(&key, Some(5), Some(sum_of_hello())).await;
    assert_eq!(stand.put(&signed, b"hello").await, 200);
    assert_eq!(read(stand, &key).await, (5, b"hello".to_vec()));
}

async fn an_object_that_is_not_wanted_after_all_is_in_nobodys_way(stand: &Stand) {
    let (large, small) = (stand.store(&vec![7; 3_000_000]).await, stand.store(b"hello").await);
    for _ in 0..20 {
        assert_eq!(fetch(stand, &large).await.size_bytes, 3_000_000);
    }
    assert_eq!(read(stand, &small).await, (5, b"hello".to_vec()));
}

async fn an_empty_object_reads_as_nothing(stand: &Stand) {
    let key = stand.store(b"").await;
    assert_eq!(read(stand, &key).await, (0, vec![]));
}

async fn an_absent_object_reads_as_absent(stand: &Stand) {
    assert_eq!(stand.storage.head(&key()).await.unwrap(), None);
    let tag = EntityTag::parse("\"5d41402abc4b2a76b9719d911017c592\"");
    for tag in [None, tag.as_ref()] {
        assert!(matches!(stand.storage.read(&key(), tag).await.unwrap(), Fetched::Absent));
    }
}

async fn another_object_than_the_one_asked_for_is_not_read(stand: &Stand) {
    let key = stand.store(b"hello").await;
    let tag = stand.storage.head(&key).await.unwrap().unwrap().etag.unwrap();
    let put = stand.bucket.client.put_object().bucket(&stand.bucket.name).key(key.to_string());
    assert!(matches!(stand.storage.read(&key, Some(&tag)).await.unwrap(), Fetched::Found(_)));
    put.body(b"hallo".to_vec().into()).send().await.unwrap();
    assert!(matches!(stand.storage.read(&key, Some(&tag)).await.unwrap(), Fetched::Changed));
    assert_eq!(read(stand, &key).await, (5, b"hallo".to_vec()));
}

async fn a_bucket_tells_whether_it_keeps_what_is_deleted(stand: &Stand) {
    if stand.is_moto {
        // Its answer has another name than S3's, and can't be read.
        stand.storage.versioning().await.unwrap_err();
        return;
    }
    assert_eq!(stand.storage.versioning().await.unwrap(), Versioning::Off);
    stand.bucket.set_versioning(true).await;
    assert_eq!(stand.storage.versioning().await.unwrap(), Versioning::On);
    stand.bucket.set_versioning(false).await;
    assert_eq!(stand.storage.versioning().await.unwrap(), Versioning::Suspended);
}

async fn a_bucket_that_does_not_exist_does_not_answer(stand: &Stand) {
    stand.bucket.client.delete_bucket().bucket(&stand.bucket.name).send().await.unwrap();
    stand.storage.versioning().await.unwrap_err();
}
