use crate::stand::{Stand, key, sum_of_hello};

crate::contracts! {
    the_start_of_an_object_can_be_read,
    a_part_is_not_held_against_the_checksum_of_the_whole,
    an_empty_object_reads_as_nothing,
    an_absent_object_reads_as_absent,
    a_bucket_answers_or_does_not_exist,
}

async fn the_start_of_an_object_can_be_read(stand: &Stand) {
    let key = stand.store(b"hello").await;
    for (most, start) in [(1, &b"h"[..]), (4, b"hell"), (5, b"hello"), (1_000_000, b"hello")] {
        assert_eq!(stand.storage.read_start(&key, most).await.unwrap().unwrap(), start);
    }
}

async fn a_part_is_not_held_against_the_checksum_of_the_whole(stand: &Stand) {
    let key = key();
    let signed = stand.sign(&key, Some(5), Some(sum_of_hello())).await;
    assert_eq!(stand.put(&signed, b"hello").await, 200);
    for (most, start) in [(4, &b"hell"[..]), (5, b"hello"), (10, b"hello")] {
        assert_eq!(stand.storage.read_start(&key, most).await.unwrap().unwrap(), start);
    }
}

async fn an_empty_object_reads_as_nothing(stand: &Stand) {
    let key = stand.store(b"").await;
    assert_eq!(stand.storage.read_start(&key, 10).await.unwrap(), Some(vec![]));
}

async fn an_absent_object_reads_as_absent(stand: &Stand) {
    assert_eq!(stand.storage.head(&key()).await.unwrap(), None);
    assert_eq!(stand.storage.read_start(&key(), 10).await.unwrap(), None);
}

async fn a_bucket_answers_or_does_not_exist(stand: &Stand) {
    stand.storage.ping().await.unwrap();
    stand.bucket.client.delete_bucket().bucket(&stand.bucket.name).send().await.unwrap();
    stand.storage.ping().await.unwrap_err();
}
