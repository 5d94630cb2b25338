use std::time::{Duration, Instant};

use docuvault::storage::ObjectKey;

use crate::differences::{EXPIRED_GET, EXPIRED_PUT, FORGED_GET, FORGED_PUT};
use crate::stand::{MINUTE, Stand, forged, key, text};

crate::contracts! {
    a_forged_put_is_refused,
    a_forged_get_is_refused,
    nothing_is_to_be_had_without_a_signature,
    an_expired_url_is_refused,
}

const SECOND: Duration = Duration::from_secs(1);

async fn download(stand: &Stand, key: &ObjectKey, lifetime: Duration) -> String {
    let name = "a.txt".to_owned().try_into().unwrap();
    stand.storage.presign_get(key, &name, &text(), lifetime).unwrap().url
}

async fn a_forged_put_is_refused(stand: &Stand) {
    let key = key();
    let mut signed = stand.sign(&key, None, None).await;
    signed.url = forged(&signed.url);
    assert_eq!(stand.put(&signed, b"hello").await, stand.answer(&FORGED_PUT));
}

async fn a_forged_get_is_refused(stand: &Stand) {
    let key = stand.store(b"hello").await;
    let url = forged(&download(stand, &key, MINUTE).await);
    assert_eq!(stand.get(&url).await.status(), stand.answer(&FORGED_GET));
}

async fn nothing_is_to_be_had_without_a_signature(stand: &Stand) {
    let key = stand.store(b"hello").await;
    let url = format!("{}/{}/{key}", stand.endpoint, stand.bucket.name);
    assert_eq!(stand.get(&url).await.status(), 403);
}

/// The store that forgets nothing is asked as often as the one that does.
async fn an_expired_url_is_refused(stand: &Stand) {
    let stored = stand.store(b"hello").await;
    let url = download(stand, &stored, SECOND).await;
    let expected = stand.answer(&EXPIRED_GET);
    let asked = Instant::now();
    let mut status = 0;
    while asked.elapsed() < 10 * SECOND && (status != expected || asked.elapsed() < 2 * SECOND) {
        status = stand.get(&url).await.status().as_u16();
        tokio::time::sleep(SECOND / 10).await;
    }
    assert_eq!(status, expected);
    let fresh = key();
    let signed = stand.storage.presign_put(&fresh, &text(), None, None, SECOND).unwrap();
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(stand.put(&signed, b"hello").await, stand.answer(&EXPIRED_PUT));
}
