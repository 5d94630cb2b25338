use std::time::{Duration, Instant};

use docuvault::storage::ObjectKey;
use time::OffsetDateTime;

use crate::differences::{EXPIRED_GET, EXPIRED_PUT, FORGED_GET, FORGED_PUT};
use crate::fixture::{MINUTE, StoreFixture, new_key, text_plain, with_forged_signature};

crate::contracts! {
    a_put_with_a_forged_signature_is_refused,
    a_get_with_a_forged_signature_is_refused,
    a_get_without_a_signature_is_refused,
    an_expired_url_is_refused,
}

const SECOND: Duration = Duration::from_secs(1);

async fn download_url(fixture: &StoreFixture, key: &ObjectKey, lifetime: Duration) -> String {
    let name = "a.txt".to_owned().try_into().unwrap();
    fixture.storage.presign_get(key, &name, &text_plain(), lifetime).unwrap().url
}

async fn a_put_with_a_forged_signature_is_refused(fixture: &StoreFixture) {
    let key = new_key();
    let mut signed = fixture.sign(&key, None, None).await;
    signed.url = with_forged_signature(&signed.url);
    assert_eq!(fixture.put(&signed, b"hello").await, fixture.expected(&FORGED_PUT));
}

async fn a_get_with_a_forged_signature_is_refused(fixture: &StoreFixture) {
    let key = fixture.store_object(b"hello").await;
    let url = with_forged_signature(&download_url(fixture, &key, MINUTE).await);
    assert_eq!(fixture.get(&url).await.status(), fixture.expected(&FORGED_GET));
}

async fn a_get_without_a_signature_is_refused(fixture: &StoreFixture) {
    let key = fixture.store_object(b"hello").await;
    let url = format!("{}/{}/{key}", fixture.endpoint, fixture.bucket.name);
    assert_eq!(fixture.get(&url).await.status(), 403);
}

/// The test tries the URL for at least 2 s on both stores, also on moto, where it does not expire.
async fn an_expired_url_is_refused(fixture: &StoreFixture) {
    let stored = fixture.store_object(b"hello").await;
    let url = download_url(fixture, &stored, SECOND).await;
    let expected = fixture.expected(&EXPIRED_GET);
    let asked = Instant::now();
    let mut status = 0;
    while asked.elapsed() < 10 * SECOND && (status != expected || asked.elapsed() < 2 * SECOND) {
        status = fixture.get(&url).await.status().as_u16();
        tokio::time::sleep(SECOND / 10).await;
    }
    assert_eq!(status, expected);
    let fresh = new_key();
    let now = OffsetDateTime::now_utc();
    let signed = fixture.storage.presign_put(&fresh, &text_plain(), None, None, now, SECOND).unwrap();
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(fixture.put(&signed, b"hello").await, fixture.expected(&EXPIRED_PUT));
}
