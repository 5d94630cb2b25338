//! Repairs of what the audit finds.

use cleanup::{Audit, Order, Orphans, Repaired};
use docuvault::id::UserId;
use serde_json::{Value, json};
use tests::{Client, TestVault, Upload, promises};

use crate::audit::{drift, put_orphan};

/// A vault with one finding of each kind, among documents that are in order.
pub struct Damaged {
    pub vault: TestVault,
    pub alice: Client,
    pub lost: Upload,
    pub changed: Upload,
    /// The key of the object without a row.
    pub orphan: String,
}

impl Damaged {
    pub async fn new() -> Self {
        let vault = TestVault::new().await;
        let alice = vault.create_user().await;
        for name in ["a.txt", "b.txt", "c.txt"] {
            alice.store_confirmed(name, b"hello").await;
        }
        alice.store_pending("pending.txt", b"hello").await;
        let lost = alice.store_confirmed("lost.txt", b"hello").await;
        vault.bucket.remove(&lost.key()).await;
        let changed = alice.store_confirmed("changed.txt", b"hello").await;
        vault.bucket.put(&changed.key(), b"other").await;
        let orphan = put_orphan(&vault, alice.id(), b"An invoice.").await;
        drift(&vault, alice.id(), 1000).await;
        Self { vault, alice, lost, changed, orphan }
    }

    /// The document's id in the key of the object without a row.
    pub fn orphan_id(&self) -> String {
        self.orphan.split('/').nth(1).unwrap().to_owned()
    }
}

/// An order that is applied.
pub fn apply(orphans: Orphans) -> Order {
    Order { apply: true, orphans: Some(orphans), ..Order::default() }
}

/// A result of one kind with these numbers, and the id of the only finding.
fn repaired(changed: usize, id: impl ToString) -> Repaired {
    Repaired { found: 1, changed, ids: vec![id.to_string()], ..Repaired::default() }
}

/// Returns the entries of the audit log: action, target, request, and details.
async fn read_log(vault: &TestVault) -> Vec<(String, String, String, Value)> {
    let statement = "select action, target_id::text, request_id, details from audit_log
        where actor_id is null and address is null order by action, id";
    let rows = vault.database.superuser().await.query(statement, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect()
}

#[tokio::test]
async fn a_repair_changes_nothing_unless_the_order_says_so() {
    let Damaged { vault, alice, lost, changed, orphan } = Damaged::new().await;
    let (rows, objects) = (vault.rows().await, vault.bucket.list().await);
    for orphans in [None, Some(Orphans::Recover), Some(Orphans::Remove)] {
        let outcome = vault.repair(Order { orphans, ..Order::default() }).await;
        assert!(!outcome.applied && outcome.cursor.is_none() && outcome.refused.is_none(), "{outcome:?}");
        assert_eq!(outcome.ledger_drifts, repaired(0, alice.id()));
        assert_eq!(outcome.rows_without_object, repaired(0, lost.document_id));
        assert_eq!(outcome.changed_objects, repaired(0, changed.document_id));
        assert_eq!(outcome.objects_without_row, repaired(0, orphan.split('/').nth(1).unwrap()));
    }
    assert_eq!((vault.rows().await, vault.bucket.list().await), (rows, objects));
}

#[tokio::test]
async fn a_repair_corrects_deletes_and_recovers_and_a_second_one_finds_only_changed_objects() {
    let damaged = Damaged::new().await;
    let Damaged { vault, alice, lost, changed, orphan } = &damaged;
    let outcome = vault.repair(apply(Orphans::Recover)).await;
    assert_eq!(outcome.ledger_drifts, repaired(1, alice.id()));
    assert_eq!(outcome.rows_without_object, repaired(1, lost.document_id));
    assert_eq!(outcome.objects_without_row, repaired(1, damaged.orphan_id()));
    assert_eq!(outcome.changed_objects, repaired(0, changed.document_id));
    assert_eq!(alice.used_bytes().await, 4 * 5 + 11);
    assert_eq!(vault.row(lost.document_id).await, Value::Null);
    assert_eq!(vault.bucket.read(orphan).await, b"An invoice.");
    promises::check(vault).await.unwrap();
    let rows = vault.rows().await;
    let again = vault.repair(apply(Orphans::Remove)).await;
    assert_eq!(again.changed_objects, repaired(0, changed.document_id));
    assert_eq!(
        [again.ledger_drifts, again.rows_without_object, again.objects_without_row],
        [Repaired::default(), Repaired::default(), Repaired::default()]
    );
    assert_eq!(vault.rows().await, rows);
    assert_eq!(vault.audit().await, Audit { users: 1, objects: 6, changed: 1, ..Audit::default() });
}

#[tokio::test]
async fn a_recovered_document_is_listed_downloaded_and_classified() {
    let damaged = Damaged::new().await;
    let Damaged { vault, alice, .. } = &damaged;
    vault.repair(apply(Orphans::Recover)).await;
    let path = format!("/api/documents/{}", damaged.orphan_id());
    let document = alice.get(&path).await.expect(200);
    assert_eq!(document["filename"], "recovered.txt");
    assert_eq!(document["content_type"], "text/plain");
    assert_eq!((&document["size_bytes"], &document["status"]), (&json!(11), &json!("uploaded")));
    let found = alice.get("/api/documents?q=recovered").await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    let download = alice.get(&format!("{path}/download")).await.expect(200);
    let bytes =
        reqwest::get(download["download_url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    assert_eq!(&*bytes, b"An invoice.");
    assert_eq!(vault.sweep().await.nudged, 1);
    let nudges: Vec<_> = vault.take_messages().await.iter().map(Value::to_string).collect();
    assert_eq!(vault.classify(&nudges).await, [0_usize; 0]);
    assert_eq!(alice.get(&path).await.expect(200)["status"], "classified");
    assert_eq!(alice.delete(&path).await.status, 204);
    promises::check(vault).await.unwrap();
}

#[tokio::test]
async fn an_orphan_that_the_operator_gives_up_is_removed_by_the_next_sweep() {
    let damaged = Damaged::new().await;
    let Damaged { vault, orphan, .. } = &damaged;
    let outcome = vault.repair(apply(Orphans::Remove)).await;
    assert_eq!(outcome.objects_without_row, repaired(1, damaged.orphan_id()));
    promises::check(vault).await.unwrap();
    vault.sweep().await;
    assert!(!vault.bucket.object_sizes().await.contains_key(orphan));
    vault.age_hours(48).await;
    vault.sweep().await;
    assert_eq!(vault.count_tombstones().await, 0);
    promises::check_every_object_has_a_row(vault).await.unwrap();
}

#[tokio::test]
async fn without_a_choice_orphans_are_only_reported() {
    let damaged = Damaged::new().await;
    let outcome = damaged.vault.repair(Order { apply: true, ..Order::default() }).await;
    assert_eq!(outcome.objects_without_row, repaired(0, damaged.orphan_id()));
    assert!(damaged.vault.bucket.object_sizes().await.contains_key(&damaged.orphan));
}

#[tokio::test]
async fn what_cannot_be_recovered_stays_with_the_reason() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let kept = alice.store_confirmed("a.txt", b"hello").await;
    let elsewhere = bob.store_confirmed("b.txt", b"hello").await;
    vault.set_limit(alice.id(), 10).await;
    // It fits exactly.
    put_orphan(&vault, alice.id(), b"hello").await;
    put_orphan(&vault, alice.id(), b"").await;
    put_orphan(&vault, alice.id(), b"hello").await;
    put_orphan(&vault, UserId::new(), b"hello").await;
    // The document's id has another key, or the key has a row in another store.
    let folder = format!("{}/{}", alice.id(), kept.document_id);
    vault.bucket.put(&format!("{folder}/{}", uuid::Uuid::new_v4()), b"").await;
    vault
        .tamper(&format!(
            "update documents set storage_backend = 'tape' where id = '{}'",
            elsewhere.document_id
        ))
        .await;
    let outcome = vault.repair(apply(Orphans::Recover)).await;
    let found = &outcome.objects_without_row;
    assert_eq!((found.found, found.changed), (6, 2), "{found:?}");
    assert_eq!(json!(found.left), json!({"over_quota": 1, "no_account": 1, "taken": 2}));
    assert_eq!(alice.used_bytes().await, 10);
    promises::check_ledger(&vault).await.unwrap();
    assert_eq!(vault.audit().await.without_row, 4);
    let removed = vault.repair(Order { force: true, ..apply(Orphans::Remove) }).await.objects_without_row;
    assert_eq!(
        (removed.changed, json!(removed.left)),
        (3, json!({"taken": 1})),
        "one key has a row elsewhere"
    );
    assert_eq!(vault.bucket.object_sizes().await.len(), 7, "the sweep removes objects, the repair does not");
}

#[tokio::test]
async fn every_change_is_in_the_audit_log_without_keys_and_names() {
    let damaged = Damaged::new().await;
    let Damaged { vault, alice, lost, .. } = &damaged;
    vault.repair(Order::default()).await;
    assert_eq!(read_log(vault).await, []);
    vault.repair(apply(Orphans::Recover)).await;
    let removed = put_orphan(vault, alice.id(), b"").await;
    vault.repair(apply(Orphans::Remove)).await;
    let user = alice.id();
    let entry = |action: &str, target: String, details: Value| {
        (format!("repair.{action}"), target, "order-1".to_owned(), details)
    };
    let expected = [
        entry("document_recovered", damaged.orphan_id(), json!({"user_id": user, "size_bytes": 11})),
        entry("document_removed", lost.document_id.to_string(), json!({"user_id": user, "size_bytes": 5})),
        entry("ledger_corrected", user.to_string(), json!({"used_bytes": 1025, "confirmed_bytes": 25})),
        entry("object_removed", removed.split('/').nth(1).unwrap().to_owned(), json!({"user_id": user})),
    ];
    assert_eq!(read_log(vault).await, expected);
}
