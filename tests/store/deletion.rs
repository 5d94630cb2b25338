use docuvault::storage::DELETE_BATCH;

use crate::fixture::{StoreFixture, new_key};

crate::contracts! {
    a_deleted_object_is_gone,
    deleting_an_absent_object_succeeds,
    one_request_deletes_a_thousand_objects_even_if_some_are_absent,
}

async fn a_deleted_object_is_gone(fixture: &StoreFixture) {
    let (key, other) = (fixture.store_object(b"hello").await, fixture.store_object(b"stays").await);
    fixture.storage.delete(&key).await.unwrap();
    assert_eq!(fixture.storage.head(&key).await.unwrap(), None);
    assert_eq!(fixture.storage.head(&other).await.unwrap().unwrap().size_bytes, 5);
}

async fn deleting_an_absent_object_succeeds(fixture: &StoreFixture) {
    let key = fixture.store_object(b"hello").await;
    for _ in 0..2 {
        fixture.storage.delete(&key).await.unwrap();
    }
    fixture.storage.delete(&crate::fixture::new_key()).await.unwrap();
}

async fn one_request_deletes_a_thousand_objects_even_if_some_are_absent(fixture: &StoreFixture) {
    let mut keys = Vec::new();
    for number in 0..DELETE_BATCH {
        let key = if number % 50 == 0 { fixture.store_object(b"hello").await } else { new_key() };
        keys.push(key.to_string());
    }
    let stays = fixture.store_object(b"stays").await.to_string();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    for _ in 0..2 {
        assert_eq!(fixture.storage.delete_all(&keys).await.unwrap(), Vec::<String>::new());
    }
    assert_eq!(fixture.bucket.object_sizes().await.into_keys().collect::<Vec<_>>(), [stays]);
}
