//! Documents that nobody has nudged: the sweep does (SPEC section 2.4).

use std::collections::BTreeSet;

use cleanup::Report;
use serde_json::{Value, json};
use tests::TestVault;
use tests::proxy::Mode;

#[tokio::test]
async fn documents_that_nobody_nudged_are_nudged_and_again_if_that_was_lost() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    vault.age_minutes(9).await;
    assert_eq!(vault.sweep().await, Report::default(), "the event may be on its way");
    vault.age_minutes(2).await;
    for _ in 0..2 {
        assert_eq!(vault.sweep().await, Report { nudged: 1, ..Report::default() });
        assert_eq!(vault.sweep().await, Report::default(), "once");
        assert_eq!(vault.take_messages().await, [json!({"document_id": upload.document_id})]);
        vault.age_minutes(21).await;
    }
    vault.sweep().await;
    let message = vault.take_messages().await.remove(0);
    assert_eq!(vault.classify(&[message.to_string()]).await, [] as [usize; 0]);
    vault.age(2).await;
    assert_eq!(vault.sweep().await, Report::default(), "what is classified is left alone");
}

/// As after an upload whose sender had MinIO suppress the put-notification: `tests/store` shows that the header is admitted.
#[tokio::test]
async fn a_document_without_a_notification_waits_ten_minutes_and_a_sweep_and_no_other_does() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"An invoice.").await;
    let other = vault.user().await.keep("b.txt", b"An invoice.").await;
    let status =
        async |upload: &tests::Upload| vault.columns(upload.document_id, &["status"]).await.remove(0);
    assert!(vault.classify(&[vault.put_event(other.document_id).await]).await.is_empty());
    assert_eq!((status(&upload).await, status(&other).await), (json!("uploaded"), json!("classified")));
    vault.age_minutes(10).await;
    assert_eq!(vault.sweep().await, Report { nudged: 1, ..Report::default() });
    let nudge = vault.take_messages().await.remove(0);
    assert!(vault.classify(&[nudge.to_string()]).await.is_empty());
    assert_eq!(status(&upload).await, "classified");
}

#[tokio::test]
async fn a_document_under_a_lease_is_not_nudged() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    alice.keep("a.txt", b"hello").await;
    vault.age_minutes(11).await;
    vault.tamper("update documents set lease_expires_at = now() + interval '1 minute'").await;
    assert_eq!(vault.sweep().await, Report::default());
    vault.age_minutes(2).await;
    assert_eq!(vault.sweep().await, Report { nudged: 1, ..Report::default() });
}

#[tokio::test]
async fn nudges_that_the_queue_did_not_take_are_sent_next_time() {
    let vault = TestVault::new().await;
    let (proxy, parts) = vault.queue_by_proxy().await;
    let alice = vault.user().await;
    for name in ["a.txt", "b.txt", "c.txt"] {
        alice.keep(name, b"hello").await;
    }
    vault.age_minutes(11).await;
    proxy.set(Mode::Down);
    assert_eq!(vault.sweep_by(&parts).await, Report { unsent: 3, ..Report::default() });
    assert_eq!(vault.take_messages().await, [] as [Value; 0]);
    proxy.set(Mode::Pass);
    vault.age_minutes(1).await;
    assert_eq!(vault.sweep_by(&parts).await, Report { nudged: 3, ..Report::default() });
    assert_eq!(vault.take_messages().await.len(), 3);
}

#[tokio::test]
async fn more_than_one_batch_of_nudges_is_sent_in_one_sweep() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
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
