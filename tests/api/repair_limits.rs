//! What keeps a repair from doing damage, and how it goes on after an invocation.

use cleanup::{Order, Orphans, Outcome, Position};
use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::sandbox::Sandbox;
use tests::{TestVault, promises};

use crate::audit::{drift, put_orphan, spoil_key};
use crate::repair::{Damaged, apply};

/// Sends an event to the built program, as an operator does.
async fn invoke(vault: &TestVault, event: &Value) -> Result<Value, Value> {
    Sandbox::start("cleanup", &vault.variables()).await.invoke(&event.to_string()).await
}

#[tokio::test]
async fn the_schedule_never_repairs() {
    let Damaged { vault, .. } = Damaged::new().await;
    let before = vault.rows().await;
    for event in [json!({}), json!({"apply": true, "orphans": "remove"}), json!(["repair"])] {
        invoke(&vault, &event).await.unwrap();
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn an_order_with_a_mistake_is_refused_with_the_reason() {
    let Damaged { vault, .. } = Damaged::new().await;
    let before = vault.rows().await;
    for (event, reason) in [
        (json!({"repair": {"aply": true}}), "unknown field `aply`, expected one of `apply`, `orphans`"),
        (json!({"repair": {"apply": "yes"}}), "expected a boolean"),
        (json!({"repair": {"apply": true, "orphans": "keep"}}), "expected `recover` or `remove`"),
        (json!({"repair": {"apply": true}, "dry_run": true}), "unknown field `dry_run`"),
        (json!({"repair": true}), "expected struct Order"),
        (json!({"repair": {"most": -1}}), "expected usize"),
        (
            json!({"repair": {"cursor": {"objects": {"store": "tape", "at": {"after_key": "", "after":
            {"user": uuid::Uuid::nil(), "document": uuid::Uuid::nil()}}}}}}),
            "\"tape\" is unknown",
        ),
    ] {
        let error = invoke(&vault, &event).await.unwrap_err();
        assert!(error["errorMessage"].as_str().unwrap().contains(reason), "{event}: {error}");
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn an_operator_gets_an_answer_and_a_line_is_logged() {
    let damaged = Damaged::new().await;
    let mut cleanup = Sandbox::start("cleanup", &damaged.vault.variables()).await;
    let event = json!({"repair": {"apply": true, "orphans": "recover"}});
    let answer = cleanup.invoke(&event.to_string()).await.unwrap();
    assert_eq!((&answer["applied"], &answer["cursor"]), (&json!(true), &Value::Null), "{answer}");
    assert_eq!(answer["objects_without_row"]["ids"], json!([damaged.orphan_id()]));
    assert!(!answer.to_string().contains(".txt"), "{answer}");
    let log = cleanup.wait_for_log("a repair has ended").await;
    assert!(log.contains("\"changes\":3") && !log.contains(".txt"), "{log}");
}

/// Repairs until the end, with so many changes in each invocation. Returns the outcome of each.
async fn repair_to_the_end(vault: &TestVault, mut order: Order) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    loop {
        let outcome = vault.repair(order.clone()).await;
        let cursor = outcome.cursor.clone();
        outcomes.push(outcome);
        // An operator copies the cursor as JSON.
        let Some(cursor) = cursor else { return outcomes };
        order.cursor = Some(serde_json::from_value::<Position>(json!(cursor)).unwrap());
    }
}

#[tokio::test]
async fn a_repair_makes_so_many_changes_and_goes_on_at_its_cursor() {
    let vault = TestVault::new().await;
    for _ in 0..3 {
        let user = vault.create_user().await;
        for _ in 0..3 {
            user.store_confirmed("a.txt", b"hello").await;
        }
        let lost = user.store_confirmed("lost.txt", b"hello").await;
        vault.bucket.remove(&lost.key()).await;
        put_orphan(&vault, user.id(), b"hello").await;
        drift(&vault, user.id(), 7).await;
    }
    let outcomes = repair_to_the_end(&vault, Order { most: 2, ..apply(Orphans::Recover) }).await;
    let changes: Vec<_> = outcomes
        .iter()
        .map(|done| {
            [&done.ledger_drifts, &done.rows_without_object, &done.objects_without_row]
                .map(|kind| kind.changed)
        })
        .map(|changed| changed.iter().sum::<usize>())
        .collect();
    assert_eq!((changes.iter().sum::<usize>(), changes.iter().max()), (9, Some(&2)), "{changes:?}");
    promises::check(&vault).await.unwrap();
    let audited = vault.audit().await;
    assert_eq!((audited.drifts, audited.without_row, audited.without_object), (0, 0, 0));
}

#[tokio::test]
async fn a_repair_with_a_wrong_bucket_stops_before_it_deletes_anything() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for _ in 0..10 {
        alice.store_confirmed("a.txt", b"hello").await;
    }
    let other = TestVault::new().await;
    let empty = vault.services_at(&vault.database.address(), other.bucket.config(), vault.queue.clone());
    let before = vault.rows().await;
    for order in [apply(Orphans::Remove), Order { orphans: Some(Orphans::Remove), ..Order::default() }] {
        let outcome = vault.repair_with(&empty, order.clone()).await.unwrap();
        let reason = outcome.refused.clone().unwrap();
        assert!(reason.contains("10 of 10 documents of a page have no object: check S3_BUCKET"), "{reason}");
        // A dry run goes on, and says that a repair would stop.
        assert_eq!(outcome.cursor.is_some(), order.apply);
        assert_eq!(outcome.rows_without_object.found, if order.apply { 0 } else { 10 });
    }
    // The bucket of another vault has objects, and none of them has a row here.
    for _ in 0..10 {
        put_orphan(&other, alice.id(), b"hello").await;
    }
    let no_rows = TestVault::new().await;
    let theirs = no_rows.services_at(&no_rows.database.address(), other.bucket.config(), vault.queue.clone());
    let outcome = no_rows.repair_with(&theirs, apply(Orphans::Remove)).await.unwrap();
    assert!(outcome.refused.unwrap().contains("10 of 10 objects of a page have no row"));
    assert_eq!(no_rows.count_tombstones().await, 0);
    assert_eq!(vault.rows().await, before);
    let forced = vault.repair_with(&empty, Order { force: true, ..apply(Orphans::Remove) }).await.unwrap();
    assert_eq!(forced.rows_without_object.changed, 10);
}

#[tokio::test]
async fn a_few_findings_are_repaired_although_a_page_has_nothing_else() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let lost = alice.store_confirmed("a.txt", b"hello").await;
    vault.bucket.remove(&lost.key()).await;
    put_orphan(&vault, alice.id(), b"hello").await;
    let outcome = vault.repair(apply(Orphans::Remove)).await;
    assert_eq!(outcome.refused, None);
    assert_eq!((outcome.rows_without_object.changed, outcome.objects_without_row.changed), (1, 1));
}

#[tokio::test]
async fn rows_in_another_store_do_not_count_towards_the_documents_of_a_page() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for _ in 0..15 {
        alice.store_confirmed("a.txt", b"hello").await;
    }
    vault
        .tamper(
            "update documents set storage_backend = 'tape'
             where id in (select id from documents order by id limit 5)",
        )
        .await;
    let other = TestVault::new().await;
    let empty = vault.services_at(&vault.database.address(), other.bucket.config(), vault.queue.clone());
    let outcome = vault.repair_with(&empty, apply(Orphans::Remove)).await.unwrap();
    assert!(outcome.refused.unwrap().starts_with("10 of 10 documents of a page have no object"));
}

#[tokio::test]
async fn a_document_is_not_deleted_unless_the_store_itself_says_that_its_object_is_absent() {
    let Damaged { vault, lost, .. } = Damaged::new().await;
    let (proxy, services) = vault.proxy_store().await;
    for mode in [Mode::NotFoundAs(500), Mode::Status(404), Mode::Down] {
        proxy.set_mode(mode);
        vault.repair_with(&services, apply(Orphans::Remove)).await.unwrap_err();
        assert_ne!(vault.row(lost.document_id).await, Value::Null, "{mode:?}");
    }
    proxy.set_mode(Mode::NotFoundAs(403));
    let outcome = vault.repair_with(&services, apply(Orphans::Remove)).await.unwrap();
    assert_eq!(outcome.unchecked_objects.ids, [lost.document_id.to_string()]);
    assert_ne!(vault.row(lost.document_id).await, Value::Null);
    proxy.set_mode(Mode::Pass);
    let outcome = vault.repair_with(&services, apply(Orphans::Remove)).await.unwrap();
    assert_eq!(outcome.rows_without_object.changed, 1);
}

#[tokio::test]
async fn a_repair_reports_a_row_with_a_key_that_is_not_the_vaults_and_repairs_the_others() {
    let Damaged { vault, lost, changed, .. } = Damaged::new().await;
    spoil_key(&vault, changed.document_id).await;
    let outcome = vault.repair(apply(Orphans::Remove)).await;
    assert_eq!(outcome.unchecked_objects.ids, [changed.document_id.to_string()]);
    assert_eq!(outcome.rows_without_object.ids, [lost.document_id.to_string()]);
    assert!(outcome.cursor.is_none() && vault.row(lost.document_id).await.is_null());
    assert_ne!(vault.row(changed.document_id).await, Value::Null);
}
