use docuvault::storage::DELETE_BATCH;

use crate::stand::{Stand, key};

crate::contracts! {
    what_is_deleted_is_gone,
    what_is_absent_counts_as_deleted,
    a_thousand_go_in_one_request_absent_ones_included,
}

async fn what_is_deleted_is_gone(stand: &Stand) {
    let (key, other) = (stand.store(b"hello").await, stand.store(b"stays").await);
    stand.storage.delete(&key).await.unwrap();
    assert_eq!(stand.storage.head(&key).await.unwrap(), None);
    assert_eq!(stand.storage.head(&other).await.unwrap().unwrap().size_bytes, 5);
}

async fn what_is_absent_counts_as_deleted(stand: &Stand) {
    let key = stand.store(b"hello").await;
    for _ in 0..2 {
        stand.storage.delete(&key).await.unwrap();
    }
    stand.storage.delete(&crate::stand::key()).await.unwrap();
}

async fn a_thousand_go_in_one_request_absent_ones_included(stand: &Stand) {
    let mut keys = Vec::new();
    for number in 0..DELETE_BATCH {
        let key = if number % 50 == 0 { stand.store(b"hello").await } else { key() };
        keys.push(key.to_string());
    }
    let stays = stand.store(b"stays").await.to_string();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    for _ in 0..2 {
        assert_eq!(stand.storage.delete_all(&keys).await.unwrap(), Vec::<String>::new());
    }
    assert_eq!(stand.bucket.objects().await.into_keys().collect::<Vec<_>>(), [stays]);
}
