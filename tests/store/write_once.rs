use std::collections::BTreeMap;

use crate::differences::NO_CONDITION;
use crate::fixture::{StoreFixture, new_key};

crate::contracts! {
    a_key_is_written_once,
    one_of_eight_concurrent_puts_is_stored,
    after_a_deletion_the_same_url_can_store_again,
    a_put_without_if_none_match_is_refused,
}

async fn a_key_is_written_once(fixture: &StoreFixture) {
    let key = new_key();
    let signed = fixture.sign(&key, None, None).await;
    assert_eq!(fixture.put(&signed, b"first").await, 200);
    assert_eq!(fixture.put(&signed, b"second").await, 412);
    assert_eq!(fixture.put(&fixture.sign(&key, None, None).await, b"third").await, 412);
    assert_eq!(fixture.bucket.read(&key.to_string()).await, b"first");
}

async fn one_of_eight_concurrent_puts_is_stored(fixture: &StoreFixture) {
    for _ in 0..5 {
        let key = new_key();
        let signed = &fixture.sign(&key, None, None).await;
        let put = |bytes: &'static [u8]| fixture.put(signed, bytes);
        let (a, b, c, d, e, f, g, h) = tokio::join!(
            put(b"1"),
            put(b"22"),
            put(b"333"),
            put(b"4444"),
            put(b"55555"),
            put(b"666666"),
            put(b"7777777"),
            put(b"88888888"),
        );
        let mut answers = BTreeMap::new();
        for status in [a, b, c, d, e, f, g, h] {
            *answers.entry(status).or_insert(0) += 1;
        }
        assert_eq!(answers, BTreeMap::from([(200, 1), (412, 7)]));
        let winner = [a, b, c, d, e, f, g, h].iter().position(|status| *status == 200).unwrap();
        assert_eq!(fixture.bucket.read(&key.to_string()).await.len(), winner + 1);
    }
}

/// A URL works again once its object is deleted. So the keys of removed objects stay in `tombstones` until
/// their URLs have expired.
async fn after_a_deletion_the_same_url_can_store_again(fixture: &StoreFixture) {
    let key = new_key();
    let signed = fixture.sign(&key, None, None).await;
    assert_eq!(fixture.put(&signed, b"first").await, 200);
    fixture.storage.delete(&key).await.unwrap();
    assert_eq!(fixture.put(&signed, b"second").await, 200);
}

async fn a_put_without_if_none_match_is_refused(fixture: &StoreFixture) {
    let key = new_key();
    let mut signed = fixture.sign(&key, None, None).await;
    signed.headers.remove("if-none-match");
    assert_eq!(fixture.put(&signed, b"hello").await, fixture.expected(&NO_CONDITION));
}
