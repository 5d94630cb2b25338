//! An audit or a repair that ends within a page, at its deadline or after as many changes as it may make,
//! neither skips nor repeats a finding.

use std::time::{Duration, SystemTime};

use cleanup::{Audit, Order, Orphans, PageSizes};
use docuvault::deadline::Deadline;
use serde_json::json;
use tests::{Client, TestVault, Upload};

use crate::audit_races::Stops;
use crate::repair::apply;

/// The time from the beginning of an audit or a repair to its deadline. The first checks begin before it.
const TIME: Duration = Duration::from_secs(4);

/// Replaces the object of a document, and puts objects without a row before and behind it into its folder.
async fn damage(vault: &TestVault, alice: &Client) -> Upload {
    let changed = alice.store_confirmed("a.txt", b"hello").await;
    vault.bucket.put(&changed.key(), b"other").await;
    for nonce in [uuid::Uuid::nil(), uuid::Uuid::max()] {
        let key = format!("{}/{}/{nonce}", alice.id(), changed.document_id);
        vault.bucket.put(&key, b"hello").await;
    }
    changed
}

/// Waits until a check has begun, and then until the deadline has passed, before the check may end.
async fn let_the_deadline_pass(stops: &Stops, deadline: Deadline) {
    stops.before_rows().await;
    stops.before_check().await;
    stops.before_save().await;
    assert!(!deadline.has_passed(), "the first check began too late");
    wait_for(deadline).await;
    stops.go_on();
}

async fn wait_for(deadline: Deadline) {
    while !deadline.has_passed() {
        deadline.limit(std::future::pending::<()>()).await;
    }
}

#[tokio::test]
async fn an_audit_that_ends_at_its_deadline_goes_on_behind_the_last_suspect_that_it_has_checked() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    damage(&vault, &alice).await;
    damage(&vault, &alice).await;
    let stops = Stops::new(&vault).await;
    let deadline = Deadline::at(SystemTime::now() + TIME);
    let (first, ()) =
        tokio::join!(vault.audit_until(&stops.services, deadline), let_the_deadline_pass(&stops, deadline),);
    let first = first.unwrap();
    assert_eq!(first, Audit { users: 1, objects: 1, without_row: 1, ..Audit::default() });
    let rest = vault.audit_with(&vault.services(), PageSizes::default()).await.unwrap();
    assert_eq!(rest, Audit { objects: 5, without_row: 3, changed: 2, ..Audit::default() });
}

#[tokio::test]
async fn an_audit_that_checks_nothing_before_its_deadline_saves_no_step() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    damage(&vault, &alice).await;
    let stops = Stops::new(&vault).await;
    let deadline = Deadline::at(SystemTime::now() + TIME);
    let late = async {
        stops.before_rows().await;
        stops.before_check().await;
        wait_for(deadline).await;
        stops.go_on();
    };
    let (first, ()) = tokio::join!(vault.audit_until(&stops.services, deadline), late);
    assert_eq!(first.unwrap(), Audit { users: 1, ..Audit::default() });
    let steps = "select steps from audit_cursors where name = 'objects:s3'";
    let row = vault.database.superuser().await.query_one(steps, &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 0);
    let rest = vault.audit_with(&vault.services(), PageSizes::default()).await.unwrap();
    assert_eq!(rest, Audit { objects: 3, without_row: 2, changed: 1, ..Audit::default() });
}

#[tokio::test]
async fn a_repair_that_ends_at_its_deadline_goes_on_at_its_cursor() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let changed = damage(&vault, &alice).await;
    let stops = Stops::new(&vault).await;
    let deadline = Deadline::at(SystemTime::now() + TIME);
    let (first, ()) = tokio::join!(
        vault.repair_until(&stops.services, apply(Orphans::Remove), deadline),
        let_the_deadline_pass(&stops, deadline),
    );
    let first = first.unwrap();
    assert_eq!((first.objects_without_row.changed, first.changed_objects.found), (1, 0));
    let cursor = json!(first.cursor);
    let key = cursor["objects"]["at"]["after_key"].as_str().unwrap();
    assert!(key.contains(&changed.document_id.to_string()), "{cursor}");
    let rest = vault.repair(Order { cursor: first.cursor, ..apply(Orphans::Remove) }).await;
    assert_eq!((rest.objects_without_row.changed, rest.changed_objects.found), (1, 1));
    assert_eq!(rest.cursor, None);
}

#[tokio::test]
async fn repairs_of_one_change_each_report_every_finding_of_a_document_once() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let changed = damage(&vault, &alice).await;
    let mut order = Order { most: 1, ..apply(Orphans::Remove) };
    let mut found = (0, 0);
    loop {
        let outcome = vault.repair(order.clone()).await;
        assert_eq!(outcome.refused, None);
        found.0 += outcome.objects_without_row.changed;
        found.1 += outcome.changed_objects.found;
        assert!(outcome.changed_objects.ids.iter().all(|id| *id == changed.document_id.to_string()));
        order.cursor = outcome.cursor;
        if order.cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, (2, 1));
}
