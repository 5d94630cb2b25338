use std::collections::BTreeMap;

use crate::differences::NO_CONDITION;
use crate::stand::{Stand, key};

crate::contracts! {
    a_key_is_written_once,
    of_eight_at_once_one_wins,
    after_a_deletion_the_url_works_again,
    the_condition_must_be_sent,
}

async fn a_key_is_written_once(stand: &Stand) {
    let key = key();
    let signed = stand.sign(&key, None, None).await;
    assert_eq!(stand.put(&signed, b"first").await, 200);
    assert_eq!(stand.put(&signed, b"second").await, 412);
    assert_eq!(stand.put(&stand.sign(&key, None, None).await, b"third").await, 412);
    assert_eq!(stand.bucket.read(&key.to_string()).await, b"first");
}

async fn of_eight_at_once_one_wins(stand: &Stand) {
    for _ in 0..5 {
        let key = key();
        let signed = &stand.sign(&key, None, None).await;
        let put = |bytes: &'static [u8]| stand.put(signed, bytes);
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
        assert_eq!(stand.bucket.read(&key.to_string()).await.len(), winner + 1);
    }
}

/// Which is why removed keys stay buried until their URL can't be used any more.
async fn after_a_deletion_the_url_works_again(stand: &Stand) {
    let key = key();
    let signed = stand.sign(&key, None, None).await;
    assert_eq!(stand.put(&signed, b"first").await, 200);
    stand.storage.delete(&key).await.unwrap();
    assert_eq!(stand.put(&signed, b"second").await, 200);
}

async fn the_condition_must_be_sent(stand: &Stand) {
    let key = key();
    let mut signed = stand.sign(&key, None, None).await;
    signed.headers.remove("if-none-match");
    assert_eq!(stand.put(&signed, b"hello").await, stand.answer(&NO_CONDITION));
}
