use std::collections::BTreeSet;

use crate::fixture::StoreFixture;

crate::contracts! {
    a_list_has_every_object_behind_a_key_in_the_order_of_bytes,
    a_list_shows_sizes_and_entity_tags_as_a_head_does,
    a_list_of_an_empty_bucket_is_empty,
}

async fn a_list_has_every_object_behind_a_key_in_the_order_of_bytes(fixture: &StoreFixture) {
    let mut keys = BTreeSet::new();
    for key in ["0", "0a", "A", "a b+c%20", "a.b", "a/b", "ä", "~"] {
        fixture.bucket.put(key, b"hello").await;
        keys.insert(key.to_owned());
    }
    for _ in 0..5 {
        keys.insert(fixture.store_object(b"hello").await.to_string());
    }
    for most in [1, 4, 15, 1_000] {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = fixture.storage.list(&after, most).await.unwrap();
            assert!(page.objects.len() <= usize::try_from(most).unwrap());
            found.extend(page.objects.into_iter().map(|object| object.key));
            after.clone_from(found.last().unwrap());
            if page.is_last {
                break;
            }
        }
        assert_eq!(found, keys.iter().cloned().collect::<Vec<_>>(), "pages of {most}");
    }
}

async fn a_list_shows_sizes_and_entity_tags_as_a_head_does(fixture: &StoreFixture) {
    for bytes in [b"hello" as &[u8], b""] {
        let key = fixture.store_object(bytes).await;
        let page = fixture.storage.list("", 1_000).await.unwrap();
        let listed = page.objects.iter().find(|object| object.key == key.to_string()).unwrap();
        let stored = fixture.storage.head(&key).await.unwrap().unwrap();
        assert_eq!((listed.size_bytes, &listed.etag), (stored.size_bytes, &stored.etag));
        assert!(listed.etag.is_some());
        fixture.storage.delete(&key).await.unwrap();
        assert!(fixture.storage.list("", 1_000).await.unwrap().objects.is_empty());
    }
}

async fn a_list_of_an_empty_bucket_is_empty(fixture: &StoreFixture) {
    let page = fixture.storage.list("", 1_000).await.unwrap();
    assert!(page.objects.is_empty() && page.is_last);
}
