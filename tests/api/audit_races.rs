//! Documents that come and go while the audit compares them are no findings.

use cleanup::{Audit, PageSizes};
use tests::proxy::{Mode, Proxy};
use tests::{Client, Services, TestVault, Upload, promises};

use crate::audit::put_orphan;

/// Services that stop the audit of a store between its requests: list, rows, check, and save.
pub struct Stops {
    store: Proxy,
    postgres: Proxy,
    pub services: Services,
}

impl Stops {
    pub async fn new(vault: &TestVault) -> Self {
        let store = Proxy::start(vault.bucket.config().endpoint.as_deref().unwrap()).await;
        let postgres = Proxy::start(&vault.database.address()).await;
        let storage = vault.bucket.config_at(&store.endpoint());
        let services = vault.services_at(&postgres.address(), storage, vault.queue.clone());
        store.set_mode(Mode::Hold);
        Self { store, postgres, services }
    }

    /// Waits until the audit has listed the objects and not read the rows.
    pub async fn before_rows(&self) {
        self.store.wait_for_held_answer().await;
    }

    /// Waits until the audit has read the rows and not checked its suspects.
    pub async fn before_check(&self) {
        self.postgres.set_mode(Mode::Hold);
        self.store.set_mode(Mode::Pass);
        self.postgres.wait_for_held_answer().await;
    }

    /// Waits until the audit has checked a suspect and not saved the step.
    pub async fn before_save(&self) {
        self.store.set_mode(Mode::Hold);
        self.postgres.set_mode(Mode::Pass);
        self.store.wait_for_held_answer().await;
    }

    pub fn go_on(&self) {
        self.store.set_mode(Mode::Pass);
        self.postgres.set_mode(Mode::Pass);
    }

    /// Audits, and makes changes meanwhile.
    async fn audit(&self, vault: &TestVault, changes: impl Future<Output = ()>) -> Audit {
        let (found, ()) = tokio::join!(vault.audit_with(&self.services, PageSizes::default()), changes);
        found.unwrap()
    }
}

/// Deletes a document and lets its tombstone end.
async fn delete_for_good(vault: &TestVault, alice: &Client, upload: &Upload) {
    alice.delete_document(upload.document_id).await.expect(204);
    vault.age_hours(48).await;
    assert_eq!(vault.sweep().await.settled, 1);
}

#[tokio::test]
async fn an_upload_that_is_confirmed_after_the_list_has_its_object() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("before.txt", b"hello").await;
    let stops = Stops::new(&vault).await;
    let changes = async {
        stops.before_rows().await;
        alice.store_confirmed("a.txt", b"hello").await;
        stops.go_on();
    };
    assert_eq!(stops.audit(&vault, changes).await, Audit { users: 1, objects: 1, ..Audit::default() });
}

#[tokio::test]
async fn an_upload_that_is_listed_and_confirmed_later_has_its_row() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let stops = Stops::new(&vault).await;
    let changes = async {
        stops.before_rows().await;
        alice.confirm(upload.document_id).await.expect(200);
        stops.go_on();
    };
    assert_eq!(stops.audit(&vault, changes).await, Audit { users: 1, objects: 1, ..Audit::default() });
}

#[tokio::test]
async fn an_object_that_is_deleted_for_good_after_the_list_is_no_orphan() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let stops = Stops::new(&vault).await;
    let changes = async {
        stops.before_rows().await;
        delete_for_good(&vault, &alice, &upload).await;
        stops.go_on();
    };
    assert_eq!(stops.audit(&vault, changes).await, Audit { users: 1, objects: 1, ..Audit::default() });
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_document_that_comes_and_goes_during_a_step_has_lost_no_object() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let stops = Stops::new(&vault).await;
    let changes = async {
        stops.before_rows().await;
        let upload = alice.store_confirmed("a.txt", b"hello").await;
        stops.before_check().await;
        alice.delete_document(upload.document_id).await.expect(204);
        stops.go_on();
    };
    assert_eq!(stops.audit(&vault, changes).await, Audit { users: 1, ..Audit::default() });
}

#[tokio::test]
async fn a_document_whose_url_stores_other_bytes_after_its_deletion_is_not_changed() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    vault.bucket.put(&upload.key(), b"replaced").await;
    let stops = Stops::new(&vault).await;
    let changes = async {
        stops.before_rows().await;
        stops.before_check().await;
        alice.delete_document(upload.document_id).await.expect(204);
        assert_eq!(upload.put(b"again").await, 200);
        stops.go_on();
    };
    assert_eq!(stops.audit(&vault, changes).await, Audit { users: 1, objects: 1, ..Audit::default() });
}

#[tokio::test]
async fn a_finding_that_its_owner_deletes_before_the_step_is_saved_is_dropped() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    vault.bucket.remove(&upload.key()).await;
    put_orphan(&vault, alice.id(), b"hello").await;
    let stops = Stops::new(&vault).await;
    let changes = async {
        stops.before_rows().await;
        stops.before_check().await;
        stops.before_save().await;
        alice.delete_document(upload.document_id).await.expect(204);
        stops.go_on();
    };
    let expected = Audit { users: 1, objects: 1, without_row: 1, ..Audit::default() };
    assert_eq!(stops.audit(&vault, changes).await, expected);
}
