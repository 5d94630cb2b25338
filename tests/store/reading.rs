use docuvault::storage::ObjectKey;
use tokio::io::AsyncReadExt as _;

use crate::stand::{Stand, key, sum_of_hello};

crate::contracts! {
    an_object_is_read_whole_and_says_its_size_first,
    an_object_with_a_checksum_is_read_like_any_other,
    an_object_that_is_not_wanted_after_all_is_in_nobodys_way,
    an_empty_object_reads_as_nothing,
    an_absent_object_reads_as_absent,
    a_bucket_answers_or_does_not_exist,
}

/// Size and bytes of what is stored.
async fn read(stand: &Stand, key: &ObjectKey) -> (u64, Vec<u8>) {
    let mut object = stand.storage.read(key).await.unwrap().unwrap();
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
        assert_eq!(stand.storage.read(&large).await.unwrap().unwrap().size_bytes, 3_000_000);
    }
    assert_eq!(read(stand, &small).await, (5, b"hello".to_vec()));
}

async fn an_empty_object_reads_as_nothing(stand: &Stand) {
    let key = stand.store(b"").await;
    assert_eq!(read(stand, &key).await, (0, vec![]));
}

async fn an_absent_object_reads_as_absent(stand: &Stand) {
    assert_eq!(stand.storage.head(&key()).await.unwrap(), None);
    assert!(stand.storage.read(&key()).await.unwrap().is_none());
}

async fn a_bucket_answers_or_does_not_exist(stand: &Stand) {
    stand.storage.ping().await.unwrap();
    stand.bucket.client.delete_bucket().bucket(&stand.bucket.name).send().await.unwrap();
    stand.storage.ping().await.unwrap_err();
}
