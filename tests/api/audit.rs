//! The audit: what it finds, and what it leaves alone.

use cleanup::{Audit, PageSizes};
use docuvault::id::{DocumentId, UserId};
use serde_json::json;
use tests::proxy::Mode;
use tests::sandbox::Sandbox;
use tests::{Client, TestVault, Upload, functions, promises};

/// Puts an object under a key of the vault's form, without a row. Returns the key.
pub async fn put_orphan(vault: &TestVault, user: UserId, bytes: &[u8]) -> String {
    let key = format!("{user}/{}/{}.txt", DocumentId::new(), uuid::Uuid::new_v4());
    vault.bucket.put(&key, bytes).await;
    key
}

/// Changes the ledger in a way in which no function does.
pub async fn drift(vault: &TestVault, user: UserId, bytes: i64) {
    let statement = format!("update quotas set used_bytes = used_bytes + {bytes} where user_id = '{user}'");
    vault.tamper(&statement).await;
}

/// Gives the row of a document a key that is not of the vault's form, as no function does.
pub async fn spoil_key(vault: &TestVault, document: DocumentId) {
    vault.tamper(&format!("update documents set object_key = 'b' where id = '{document}'")).await;
}

/// Stores a document of each kind that is in order: confirmed, empty, classified, pending and deleted.
async fn store_everything(vault: &TestVault, alice: &Client) -> Upload {
    alice.store_confirmed("confirmed.txt", b"hello").await;
    alice.store_confirmed("empty.txt", b"").await;
    let classified = alice.store_confirmed("classified.txt", b"An invoice.").await;
    vault.classify(&[vault.put_notification(classified.document_id).await]).await;
    alice.store_pending("pending.txt", b"hello").await;
    let deleted = alice.store_confirmed("deleted.txt", b"hello").await;
    alice.delete_document(deleted.document_id).await.expect(204);
    assert_eq!(deleted.put(b"again").await, 200);
    classified
}

#[tokio::test]
async fn an_audit_of_a_vault_in_order_finds_nothing_and_changes_nothing() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    store_everything(&vault, &alice).await;
    let (rows, objects) = (vault.rows().await, vault.bucket.list().await);
    assert_eq!(vault.audit().await, Audit { users: 1, objects: 5, ..Audit::default() });
    assert_eq!((vault.rows().await, vault.bucket.list().await), (rows, objects));
}

#[tokio::test]
async fn an_audit_finds_accounts_with_wrong_used_bytes() {
    let vault = TestVault::new().await;
    let (alice, bob, carol) =
        (vault.create_user().await, vault.create_user().await, vault.create_user().await);
    for user in [&alice, &bob, &carol] {
        user.store_confirmed("a.txt", b"hello").await;
    }
    drift(&vault, alice.id(), 7).await;
    drift(&vault, carol.id(), -5).await;
    let expected = Audit { users: 3, drifts: 2, drift_bytes: 12, objects: 3, ..Audit::default() };
    assert_eq!(vault.audit().await, expected);
    promises::check_ledger(&vault).await.unwrap_err();
}

#[tokio::test]
async fn an_audit_finds_objects_without_rows_and_rows_without_objects() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    store_everything(&vault, &alice).await;
    let lost = [b"hello" as &[u8], b""].map(|bytes| alice.store_confirmed("lost.txt", bytes));
    for upload in futures_util::future::join_all(lost).await {
        vault.bucket.remove(&upload.key()).await;
    }
    put_orphan(&vault, alice.id(), b"hello").await;
    put_orphan(&vault, UserId::new(), b"").await;
    put_orphan(&vault, UserId(uuid::Uuid::nil()), b"hello").await;
    let expected = Audit { users: 1, objects: 8, without_row: 3, without_object: 2, ..Audit::default() };
    assert_eq!(vault.audit().await, expected);
}

#[tokio::test]
async fn an_audit_finds_objects_with_another_size_or_entity_tag_than_was_confirmed() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let [size, tag, untagged, kept] =
        ["a.txt", "b.txt", "c.txt", "d.txt"].map(|name| alice.store_confirmed(name, b"hello"));
    let (size, tag, untagged, kept) = tokio::join!(size, tag, untagged, kept);
    vault.bucket.put(&size.key(), b"longer").await;
    vault.bucket.put(&tag.key(), b"hallo").await;
    vault.bucket.put(&kept.key(), b"hello").await;
    // A document that was confirmed before entity tags were kept has only its size.
    vault.tamper(&format!("update documents set etag = null where id = '{}'", untagged.document_id)).await;
    vault.bucket.put(&untagged.key(), b"hallo").await;
    assert_eq!(vault.audit().await, Audit { users: 1, objects: 4, changed: 2, ..Audit::default() });
}

#[tokio::test]
async fn foreign_keys_are_counted_apart_and_stay() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let foreign = [
        "!",
        "backup/2026.tar",
        "zzz",
        "ä b+c%20\u{1}",
        &upload.key().to_uppercase(),
        &format!("{}x", upload.key().replace(".txt", ".!")),
    ];
    for key in foreign {
        vault.bucket.put(key, b"hello").await;
    }
    assert_eq!(vault.audit().await, Audit { users: 1, objects: 1, foreign: 6, ..Audit::default() });
    assert_eq!(vault.bucket.object_sizes().await.len(), 7);
}

#[tokio::test]
async fn an_audit_of_rows_in_an_unknown_store_leaves_them_alone() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (absent, present) =
        (alice.store_confirmed("a.txt", b"hello").await, alice.store_confirmed("b.txt", b"hello").await);
    vault.bucket.remove(&absent.key()).await;
    vault.tamper("update documents set storage_backend = 'tape'").await;
    // The object in this store is not that of the row, which is in another one.
    let expected = Audit { users: 1, objects: 1, without_row: 1, ..Audit::default() };
    assert_eq!(vault.audit().await, expected, "{}", present.document_id);
}

#[tokio::test]
async fn a_pass_begins_a_day_after_the_last_one_began() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("a.txt", b"hello").await;
    let services = vault.services();
    let audit = async || vault.audit_with(&services, PageSizes::default()).await.unwrap();
    let whole = Audit { users: 1, objects: 1, ..Audit::default() };
    assert_eq!(audit().await, whole);
    assert_eq!(audit().await, Audit::default());
    vault.age_minutes(24 * 60 - 1).await;
    assert_eq!(audit().await, Audit::default());
    vault.age_minutes(1).await;
    assert_eq!(audit().await, whole);
}

#[tokio::test]
async fn while_the_store_is_down_only_the_ledger_is_audited_and_nothing_is_found() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    for mode in [Mode::Down, Mode::Status(403), Mode::Status(404), Mode::Status(200), Mode::Status(500)] {
        proxy.set_mode(mode);
        vault.audit_with(&services, PageSizes::default()).await.unwrap_err();
    }
    proxy.set_mode(Mode::Pass);
    vault.bucket.remove(&upload.key()).await;
    let found = vault.audit_with(&services, PageSizes::default()).await.unwrap();
    assert_eq!(found, Audit { without_object: 1, ..Audit::default() }, "the ledger was audited before");
}

#[tokio::test]
async fn a_row_with_a_key_that_is_not_the_vaults_is_reported_and_stops_nothing() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let renamed = alice.store_confirmed("a.txt", b"hello").await;
    alice.store_confirmed("b.txt", b"hello").await;
    let lost = alice.store_confirmed("c.txt", b"hello").await;
    vault.bucket.remove(&lost.key()).await;
    spoil_key(&vault, renamed.document_id).await;
    let expected =
        Audit { users: 1, objects: 2, without_row: 1, without_object: 1, unchecked: 1, ..Audit::default() };
    for objects in [1, 2, 1_000] {
        vault.tamper("update audit_cursors set begun_at = 'epoch'").await;
        let found = vault.audit_with(&vault.services(), PageSizes { users: 9, objects }).await.unwrap();
        assert_eq!(found, expected, "pages of {objects}");
    }
}

#[tokio::test]
async fn an_object_about_which_the_store_tells_nothing_is_reported_and_stops_nothing() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_store().await;
    let alice = vault.create_user().await;
    let forbidden = alice.store_confirmed("a.txt", b"hello").await;
    vault.bucket.remove(&forbidden.key()).await;
    let changed = alice.store_confirmed("b.txt", b"hello").await;
    vault.bucket.put(&changed.key(), b"other").await;
    proxy.set_mode(Mode::NotFoundAs(403));
    let found = vault.audit_with(&services, PageSizes::default()).await.unwrap();
    assert_eq!(found, Audit { users: 1, objects: 1, changed: 1, unchecked: 1, ..Audit::default() });
}

#[tokio::test]
async fn each_finding_is_logged_by_its_ids_without_the_key() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (lost, changed) =
        (alice.store_confirmed("a.txt", b"hello").await, alice.store_confirmed("b.txt", b"hello").await);
    vault.bucket.remove(&lost.key()).await;
    vault.bucket.put(&changed.key(), b"hallo").await;
    let orphan = put_orphan(&vault, alice.id(), b"hello").await;
    let renamed = alice.store_confirmed("c.txt", b"hello").await;
    vault.bucket.remove(&renamed.key()).await;
    spoil_key(&vault, renamed.document_id).await;
    drift(&vault, alice.id(), 7).await;
    let mut cleanup = Sandbox::start("cleanup", &vault.variables()).await;
    let answer = cleanup.invoke(&functions::recorded_event("cleanup")).await.unwrap();
    assert_eq!(answer["audit"]["without_object"], 1, "{answer}");
    let log = cleanup.wait_for_log("a part of a store was audited").await;
    let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let errors: Vec<_> = lines.filter(|line| line["level"] == "ERROR").collect();
    let found: std::collections::BTreeSet<_> = errors
        .iter()
        .map(|line| (line["message"].as_str().unwrap(), line["document"].as_str().unwrap_or_default()))
        .collect();
    let expected = std::collections::BTreeSet::from(
        [
            ("the used bytes of an account are not the sum of its documents", ""),
            ("a confirmed document has no object", &*lost.document_id.to_string()),
            ("an object is not the one that was confirmed", &*changed.document_id.to_string()),
            ("an object has no row", orphan.split('/').nth(1).unwrap()),
            ("an object cannot be checked", &*renamed.document_id.to_string()),
        ]
        .map(|(message, document)| (message, document.to_owned()))
        .map(|(m, d)| (m, &*d.leak())),
    );
    assert_eq!(found, expected, "{log}");
    assert!(errors.iter().all(|line| line["user"] == json!(alice.id())), "{log}");
    for key in [&lost.key(), &changed.key(), &orphan] {
        assert!(!log.contains(key.rsplit('/').next().unwrap()), "{log}");
    }
}
