//! The audit goes on where it has ended, page by page, and two audits share the work.

use cleanup::{Audit, Order, PageSizes};
use docuvault::id::{DocumentId, UserId};
use tests::fuse::{Fuse, Side};
use tests::{TestVault, promises};

use crate::audit::{drift, put_orphan};

/// Creates a vault with all kinds of findings, and returns what an audit finds.
async fn create_findings(vault: &TestVault) -> Audit {
    for number in 0..5 {
        let user = vault.create_user().await;
        for _ in 0..3 {
            user.store_confirmed("kept.txt", b"hello").await;
        }
        let lost = user.store_confirmed("lost.txt", b"hello").await;
        vault.bucket.remove(&lost.key()).await;
        let changed = user.store_confirmed("changed.txt", b"hello").await;
        vault.bucket.put(&changed.key(), b"other").await;
        put_orphan(vault, user.id(), b"hello").await;
        // Objects in the same folder as a document's own, before and behind it.
        let folder = format!("{}/{}", user.id(), changed.document_id);
        vault.bucket.put(&format!("{folder}/{}", uuid::Uuid::nil()), b"hello").await;
        vault.bucket.put(&format!("{folder}/{}", uuid::Uuid::max()), b"hello").await;
        // Without any object.
        let empty = vault.create_user().await;
        let gone = empty.store_confirmed("gone.txt", b"hello").await;
        vault.bucket.remove(&gone.key()).await;
        vault.bucket.put(&format!("{}/foreign-{number}", user.id()), b"hello").await;
        drift(vault, empty.id(), 1).await;
    }
    put_orphan(vault, UserId(uuid::Uuid::max()), b"hello").await;
    for foreign in ["!", "0", "zzz-1", "zzz-2", "zzz-3"] {
        vault.bucket.put(foreign, b"hello").await;
    }
    Audit {
        users: 10,
        drifts: 5,
        drift_bytes: 5,
        objects: 36,
        foreign: 10,
        without_row: 16,
        without_object: 10,
        changed: 5,
        unchecked: 0,
    }
}

#[tokio::test]
async fn pages_of_any_size_compare_everything_once() {
    let vault = TestVault::new().await;
    let expected = create_findings(&vault).await;
    let services = vault.services();
    for size in [1, 2, 3, 5, 7, 10, 46, 1_000] {
        vault.tamper("update audit_cursors set begun_at = 'epoch'").await;
        let found = vault.audit_with(&services, PageSizes { users: size, objects: size }).await.unwrap();
        assert_eq!(found, expected, "pages of {size}");
    }
}

/// Makes the server cancel each statement that reads the documents of more than two accounts, as it does when
/// a statement takes too long.
const CANCEL_LARGE_PAGES: &str = "
    create function count_read(size bigint) returns bigint language plpgsql volatile as $$
    declare
        n int := coalesce(nullif(current_setting('test.read', true), ''), '0')::int + 1;
    begin
        perform set_config('test.read', n::text, true);
        if n > 2 then
            raise exception 'canceling statement due to statement timeout' using errcode = '57014';
        end if;
        return size;
    end $$;
    alter table documents rename to all_documents;
    create view documents as
        select user_id, status, object_key, count_read(size_bytes) as size_bytes from all_documents;
    grant select on documents to docuvault_app;
    insert into audit_cursors (name, begun_at) values ('objects:s3', now())
        on conflict (name) do update set begun_at = now()";

#[tokio::test]
async fn a_page_of_accounts_that_takes_too_long_becomes_smaller() {
    let vault = TestVault::new().await;
    for _ in 0..5 {
        let user = vault.create_user().await;
        user.store_confirmed("a.txt", b"hello").await;
        drift(&vault, user.id(), 7).await;
    }
    vault.tamper(CANCEL_LARGE_PAGES).await;
    let pages = PageSizes { users: 50, objects: 1 };
    let found = vault.audit_with(&vault.services(), pages).await.unwrap();
    assert_eq!(found, Audit { users: 5, drifts: 5, drift_bytes: 35, ..Audit::default() });
    // The repair goes on with the store, whose statements do not work here.
    let order = Order { apply: true, most: 4, ..Order::default() };
    assert_eq!(vault.repair(order).await.ledger_drifts.changed, 4);
}

#[tokio::test]
async fn an_audit_of_an_empty_bucket_finds_every_confirmed_row_once() {
    let vault = TestVault::new().await;
    let mut keys = Vec::new();
    for _ in 0..3 {
        let user = vault.create_user().await;
        for _ in 0..4 {
            keys.push(user.store_confirmed("a.txt", b"hello").await.key());
        }
    }
    for key in &keys {
        vault.bucket.remove(key).await;
    }
    for objects in [1, 2, 5, 6, 12] {
        vault.tamper("update audit_cursors set begun_at = 'epoch'").await;
        let found = vault.audit_with(&vault.services(), PageSizes { users: 9, objects }).await.unwrap();
        assert_eq!(found, Audit { users: 3, without_object: 12, ..Audit::default() }, "pages of {objects}");
    }
}

#[tokio::test]
async fn two_audits_at_once_compare_and_report_everything_once() {
    let vault = TestVault::new().await;
    let expected = create_findings(&vault).await;
    let pages = PageSizes { users: 1, objects: 2 };
    let (one, two) = (vault.services(), vault.services());
    let (mut one, mut two) =
        tokio::try_join!(vault.audit_with(&one, pages), vault.audit_with(&two, pages)).unwrap();
    // The one that is overtaken stops, and the other one goes on.
    let fields = |audit: &mut Audit| {
        let Audit {
            users,
            drifts,
            drift_bytes,
            objects,
            foreign,
            without_row,
            without_object,
            changed,
            unchecked,
        } = *audit;
        [
            users,
            drifts,
            drift_bytes.try_into().unwrap(),
            objects,
            foreign,
            without_row,
            without_object,
            changed,
            unchecked,
        ]
    };
    let (one, two, mut expected) = (fields(&mut one), fields(&mut two), expected);
    let sum: Vec<_> = one.iter().zip(two).map(|(one, two)| one + two).collect();
    assert_eq!(sum, fields(&mut expected), "{one:?} {two:?}");
}

#[tokio::test]
async fn an_audit_that_ends_anywhere_goes_on_at_the_page_that_was_not_saved() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut lost = Vec::new();
    for _ in 0..4 {
        let upload = alice.store_confirmed("a.txt", b"hello").await;
        vault.bucket.remove(&upload.key()).await;
        lost.push(upload.document_id);
        alice.store_confirmed("b.txt", b"hello").await;
    }
    let pages = PageSizes { users: 1, objects: 2 };
    let fuse = Fuse::default();
    let line = fuse.open_line(vault.bucket.config().endpoint.as_deref().unwrap()).await;
    let storage = vault.bucket.config_at(&line.endpoint());
    for step in 1.. {
        vault.tamper("delete from audit_cursors").await;
        fuse.arm(step, Side::Before);
        let services = vault.services_at(&vault.database.address(), storage.clone(), vault.queue.clone());
        let ended = tokio::select! {
            ended = vault.audit_with(&services, pages) => Some(ended.unwrap()),
            () = fuse.wait_until_blown() => None,
        };
        fuse.disarm();
        if ended.is_some() {
            assert_eq!(step, 8, "three lists and four checks");
            break;
        }
        let (objects, document) = read_saved(&vault).await;
        let reported = lost.iter().filter(|id| **id <= document).count();
        let rest = vault.audit_with(&vault.services(), pages).await.unwrap();
        assert_eq!((rest.objects + objects, rest.without_object + reported), (4, 4), "step {step}");
    }
    promises::check_ledger(&vault).await.unwrap();
}

/// Returns how many objects the saved steps of a store have compared, and the last document.
async fn read_saved(vault: &TestVault) -> (usize, DocumentId) {
    let statement = "select after_key, document_id from audit_cursors where name = 'objects:s3'";
    let row = vault.database.superuser().await.query_one(statement, &[]).await.unwrap();
    let after: String = row.get(0);
    let objects = vault.bucket.object_sizes().await.into_keys().filter(|key| *key <= after).count();
    (objects, row.get(1))
}
