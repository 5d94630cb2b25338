//! The sweep sends a nudge for each document whose messages were lost (SPEC section 2.4).

use std::collections::BTreeSet;

use cleanup::Report;
use serde_json::{Value, json};
use tests::TestVault;
use tests::proxy::Mode;

#[tokio::test]
async fn the_sweep_nudges_a_waiting_document_and_repeats_a_lost_nudge() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    vault.age_minutes(9).await;
    assert_eq!(vault.sweep().await, Report::default(), "the event may still arrive");
    vault.age_minutes(2).await;
    for _ in 0..2 {
        assert_eq!(vault.sweep().await, Report { nudged: 1, ..Report::default() });
        assert_eq!(vault.sweep().await, Report::default(), "the next sweep does not nudge again");
        assert_eq!(vault.take_messages().await, [json!({"document_id": upload.document_id})]);
        vault.age_minutes(21).await;
    }
    vault.sweep().await;
    let message = vault.take_messages().await.remove(0);
    assert_eq!(vault.classify(&[message.to_string()]).await, [] as [usize; 0]);
    vault.age_hours(2).await;
    let expected = Report { forgotten: 1, ..Report::default() };
    assert_eq!(vault.sweep().await, expected, "a classified document is not nudged");
}

/// With a header the uploader can make MinIO suppress the put-notification. `tests/store` shows that MinIO
/// accepts the header.
#[tokio::test]
async fn a_document_without_put_notification_is_nudged_after_ten_minutes_and_delays_no_other() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"An invoice.").await;
    let other = vault.create_user().await.store_confirmed("b.txt", b"An invoice.").await;
    let status =
        async |upload: &tests::Upload| vault.columns(upload.document_id, &["status"]).await.remove(0);
    assert!(vault.classify(&[vault.put_notification(other.document_id).await]).await.is_empty());
    assert_eq!((status(&upload).await, status(&other).await), (json!("uploaded"), json!("classified")));
    vault.age_minutes(10).await;
    assert_eq!(vault.sweep().await, Report { nudged: 1, ..Report::default() });
    let nudge = vault.take_messages().await.remove(0);
    assert!(vault.classify(&[nudge.to_string()]).await.is_empty());
    assert_eq!(status(&upload).await, "classified");
}

#[tokio::test]
async fn the_sweep_does_not_nudge_a_document_under_a_lease() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("a.txt", b"hello").await;
    vault.age_minutes(11).await;
    vault.tamper("update documents set lease_expires_at = now() + interval '1 minute'").await;
    assert_eq!(vault.sweep().await, Report::default());
    vault.age_minutes(2).await;
    assert_eq!(vault.sweep().await, Report { nudged: 1, ..Report::default() });
}

#[tokio::test]
async fn nudges_that_could_not_be_sent_are_sent_by_the_next_sweep() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_queue().await;
    let alice = vault.create_user().await;
    for name in ["a.txt", "b.txt", "c.txt"] {
        alice.store_confirmed(name, b"hello").await;
    }
    vault.age_minutes(11).await;
    proxy.set_mode(Mode::Down);
    assert_eq!(vault.sweep_with(&services).await, Report { unsent: 3, ..Report::default() });
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
    proxy.set_mode(Mode::Pass);
    vault.age_minutes(1).await;
    assert_eq!(vault.sweep_with(&services).await, Report { nudged: 3, ..Report::default() });
    assert_eq!(vault.take_messages().await.len(), 3);
}

#[tokio::test]
async fn one_sweep_sends_more_nudges_than_one_batch_holds() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let id = alice.id();
    vault
        .tamper(&format!(
            "insert into documents (id, user_id, filename, content_type, size_bytes, object_key, status, url_expires_at,
                confirmed_at, nudge_due_at)
             select gen_random_uuid(), '{id}', 'a', 'text/plain', 0, 'key-' || n, 'uploaded', now(), now(), now()
             from generate_series(1, 113) n"
        ))
        .await;
    assert_eq!(vault.sweep().await, Report { nudged: 113, ..Report::default() });
    let messages: BTreeSet<_> = vault.take_messages().await.iter().map(ToString::to_string).collect();
    let rows = vault.rows().await;
    let documents = rows["documents"].as_array().unwrap().iter();
    let expected: BTreeSet<_> = documents.map(|row| json!({"document_id": row["id"]}).to_string()).collect();
    assert_eq!(messages, expected);
}
