//! Repairs while the vault is used, and two repairs at once.

use cleanup::{Order, Orphans};
use docuvault::db;
use docuvault::file::{ContentType, Filename};
use docuvault::storage::{Backend, EntityTag, Location, ObjectKey};
use serde_json::{Value, json};
use tests::proxy::Mode;
use tests::{TestVault, promises, put_notification};

use crate::audit::{drift, put_orphan};
use crate::audit_races::Stops;
use crate::repair::{Damaged, apply};

#[tokio::test]
async fn corrections_of_the_ledger_and_confirmations_and_deletions_at_once_keep_it_exact() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (one, two) = (vault.in_own_sandbox(&alice), vault.in_own_sandbox(&alice));
    let db = vault.services().db;
    for round in 0..20 {
        let (pending, confirmed) =
            (alice.store_pending("a.txt", b"hello").await, alice.store_confirmed("b.txt", b"you").await);
        drift(&vault, alice.id(), 100 + round).await;
        let (confirmation, deletion, corrected) = tokio::join!(
            one.confirm(pending.document_id),
            two.delete_document(confirmed.document_id),
            db::repair::correct_ledger(&db, alice.id(), "order-1"),
        );
        assert_eq!((confirmation.status, deletion.status), (200, 204));
        assert!(corrected.unwrap());
        promises::check_ledger(&vault).await.unwrap();
    }
}

#[tokio::test]
async fn a_correction_that_waits_for_a_confirmation_counts_it() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("a.txt", b"hello").await;
    drift(&vault, alice.id(), 100).await;
    let holder = vault.database.connect_as("docuvault_migrate").await;
    let confirm = format!(
        "begin; update quotas set used_bytes = used_bytes + 7 where user_id = '{0}';
         insert into documents (id, user_id, filename, content_type, size_bytes, object_key, status, url_expires_at, confirmed_at)
         values (gen_random_uuid(), '{0}', 'b.txt', 'text/plain', 7, 'b', 'uploaded', now(), now())",
        alice.id()
    );
    holder.batch_execute(&confirm).await.unwrap();
    let db = vault.services().db;
    let release = async {
        vault.wait_until_blocked("repair::correct_ledger").await;
        holder.batch_execute("commit").await.unwrap();
    };
    let (corrected, ()) = tokio::join!(db::repair::correct_ledger(&db, alice.id(), "order-1"), release);
    assert!(corrected.unwrap());
    assert_eq!(alice.used_bytes().await, 12);
}

#[tokio::test]
async fn an_orphan_gets_a_row_or_a_tombstone_and_never_both() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (one, two, three) = (vault.services().db, vault.services().db, vault.services().db);
    for db in [&one, &two, &three] {
        db.ping().await.unwrap();
    }
    let filename = Filename::try_from("recovered.txt".to_owned()).unwrap();
    let content_type = ContentType::try_from("text/plain".to_owned()).unwrap();
    let etag = EntityTag::parse("\"5d41402abc4b2a76b9719d911017c592\"").unwrap();
    let mut recovered = 0;
    for round in 0..40 {
        let key: ObjectKey = put_orphan(&vault, alice.id(), b"hello").await.parse().unwrap();
        let new = || db::repair::Recovered {
            key: &key,
            backend: Backend::S3,
            size_bytes: 5,
            etag: &etag,
            filename: &filename,
            content_type: &content_type,
        };
        let bury = db::repair::bury_orphan(&one, Backend::S3, &key, "order-1");
        let (recover, again) = (
            db::repair::recover_document(&two, new(), "order-2"),
            db::repair::recover_document(&three, new(), "order-3"),
        );
        let (buried, recovery, other) = if round % 2 == 0 {
            tokio::join!(bury, recover, again)
        } else {
            let (recovery, other, buried) = tokio::join!(recover, again, bury);
            (buried, recovery, other)
        };
        let recoveries = [recovery.unwrap(), other.unwrap()];
        let done = recoveries.iter().filter(|done| **done == db::repair::Recovery::Recovered).count();
        assert_eq!(done + usize::from(buried.unwrap()), 1, "{recoveries:?}");
        recovered += done;
        promises::check(&vault).await.unwrap();
    }
    println!("{recovered} of 40 orphans were recovered first");
}

#[tokio::test]
async fn a_repair_that_waits_for_the_other_ones_key_sees_what_it_has_done() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let key: ObjectKey = put_orphan(&vault, alice.id(), b"hello").await.parse().unwrap();
    let holder = vault.database.connect_as("docuvault_migrate").await;
    let recover = format!(
        "begin; select pg_advisory_xact_lock(hashtextextended('{key}', 0));
         insert into documents (id, user_id, filename, content_type, size_bytes, object_key, status, url_expires_at, confirmed_at)
         values ('{}', '{}', 'b.txt', 'text/plain', 5, '{key}', 'uploaded', now(), now())",
        key.document(),
        alice.id()
    );
    holder.batch_execute(&recover).await.unwrap();
    let db = vault.services().db;
    let release = async {
        vault.wait_until_blocked("repair::bury_orphan").await;
        holder.batch_execute("commit").await.unwrap();
    };
    let (buried, ()) = tokio::join!(db::repair::bury_orphan(&db, Backend::S3, &key, "order-1"), release);
    assert!(!buried.unwrap());
    assert_eq!(vault.count_tombstones().await, 0);
}

#[tokio::test]
async fn a_recovery_that_waits_for_the_key_sees_the_tombstone_of_the_other() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let key: ObjectKey = put_orphan(&vault, alice.id(), b"hello").await.parse().unwrap();
    let holder = vault.database.connect_as("docuvault_migrate").await;
    let bury = format!(
        "begin; select pg_advisory_xact_lock(hashtextextended('{key}', 0));
         insert into tombstones (object_key, url_expires_at, final_at) values ('{key}', now(), now())"
    );
    holder.batch_execute(&bury).await.unwrap();
    let services = vault.services();
    let release = async {
        vault.wait_until_blocked("repair::recover_document").await;
        holder.batch_execute("commit").await.unwrap();
    };
    let (outcome, ()) = tokio::join!(vault.repair_with(&services, apply(Orphans::Recover)), release);
    assert_eq!(json!(outcome.unwrap().objects_without_row.left), json!({"taken": 1}));
    assert_eq!(vault.row(key.document()).await, Value::Null);
}

#[tokio::test]
async fn a_late_event_does_not_remove_the_object_of_a_document_that_is_recovered_after_the_claim() {
    let vault = TestVault::new().await;
    let (proxy, services) = vault.proxy_postgres().await;
    let alice = vault.create_user().await;
    let key: ObjectKey = put_orphan(&vault, alice.id(), b"hello").await.parse().unwrap();
    let event = [put_notification(&vault.bucket.name, &key.to_string())];
    services.db.ping().await.unwrap();
    proxy.set_mode(Mode::Hold);
    let recover = async {
        // The document is absent for the claim.
        proxy.wait_for_held_answer().await;
        assert_eq!(vault.repair(apply(Orphans::Recover)).await.objects_without_row.changed, 1);
        proxy.set_mode(Mode::Pass);
    };
    let context = lambda_runtime::Context::default();
    let (failed, ()) = tokio::join!(vault.classify_with(services, context, &event), recover);
    assert_eq!(failed, [0_usize; 0]);
    assert_eq!(vault.bucket.read(&key.to_string()).await, b"hello");
    assert_eq!(vault.count_tombstones().await, 0);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn an_orphan_whose_late_event_is_being_handled_is_not_recovered() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let key: ObjectKey = put_orphan(&vault, alice.id(), b"hello").await.parse().unwrap();
    let stops = Stops::new(&vault).await;
    let bury = async {
        stops.before_rows().await;
        stops.before_check().await;
        stops.before_save().await;
        // The repair has found the object, and classify is about to remove it.
        let location = Location { backend: Backend::S3, key: key.clone() };
        assert!(db::classification::bury_orphan(&vault.services().db, &location).await.unwrap());
        stops.go_on();
    };
    let (outcome, ()) = tokio::join!(vault.repair_with(&stops.services, apply(Orphans::Recover)), bury);
    assert_eq!(json!(outcome.unwrap().objects_without_row.left), json!({"taken": 1}));
    assert_eq!(vault.row(key.document()).await, Value::Null);
    assert!(!db::repair::bury_orphan(&vault.services().db, Backend::S3, &key, "order-1").await.unwrap());
}

#[tokio::test]
async fn the_event_of_an_object_without_a_row_in_its_store_removes_it_and_buries_its_key() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let orphan = put_orphan(&vault, alice.id(), b"hello").await;
    let elsewhere = alice.store_confirmed("a.txt", b"hello").await;
    vault.tamper("update documents set storage_backend = 'tape'").await;
    let events = [orphan, elsewhere.key()].map(|key| put_notification(&vault.bucket.name, &key));
    for _ in 0..2 {
        assert_eq!(vault.classify(&events).await, [0_usize; 0]);
    }
    assert!(vault.bucket.object_sizes().await.is_empty());
    assert_eq!(vault.count_tombstones().await, 1);
    vault.age_hours(48).await;
    vault.sweep().await;
    assert_eq!(vault.count_tombstones().await, 0);
}

#[tokio::test]
async fn a_recovery_does_not_wait_for_the_deletion_of_another_object_of_the_document() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let kept = alice.store_confirmed("a.txt", b"hello").await;
    let key = format!("{}/{}/{}.txt", alice.id(), kept.document_id, uuid::Uuid::new_v4());
    vault.bucket.put(&key, b"hello").await;
    // A deletion holds the document, and then it will lock the quota.
    let holder = vault.database.connect_as("docuvault_migrate").await;
    let delete = format!("begin; delete from documents where id = '{}'", kept.document_id);
    holder.batch_execute(&delete).await.unwrap();
    let outcome = vault.repair(apply(Orphans::Recover)).await;
    assert_eq!(json!(outcome.objects_without_row.left), json!({"taken": 1}));
}

#[tokio::test]
async fn two_repairs_and_the_owners_deletion_at_once_delete_a_document_once() {
    for _ in 0..5 {
        let damaged = Damaged::new().await;
        let Damaged { vault, alice, lost, .. } = &damaged;
        vault.repair(Order { apply: true, most: 1, ..Order::default() }).await;
        let (one, two) = (vault.services(), vault.services());
        let (one, two, deletion) = tokio::join!(
            vault.repair_with(&one, apply(Orphans::Recover)),
            vault.repair_with(&two, apply(Orphans::Recover)),
            alice.delete_document(lost.document_id),
        );
        let by_repairs = one.unwrap().rows_without_object.changed + two.unwrap().rows_without_object.changed;
        assert_eq!(by_repairs + usize::from(deletion.status == 204), 1);
        assert_eq!(vault.row(lost.document_id).await, Value::Null);
        promises::check(vault).await.unwrap();
    }
}
