//! Postgres is restarted while functions keep their pools.

use tests::postgres_server::{PostgresServer, Stop};
use tests::{Client, Services, TestDatabase, TestVault, Upload, promises};

use crate::{in_sandbox_with, sweep_after_expiry, text_file_request};

async fn vault_on_own_server() -> (PostgresServer, TestVault, Client, Services) {
    let postgres_server = PostgresServer::start().await;
    let mut vault = TestVault::new().await;
    vault.database = TestDatabase::migrated_on(&postgres_server.url()).await;
    let services = vault.services();
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    (postgres_server, vault, alice, services)
}

async fn assert_every_route_is_503(alice: &Client, upload: &Upload) {
    let id = upload.document_id;
    for answer in [
        alice.post("/api/documents/upload-url", text_file_request()).await,
        alice.confirm(id).await,
        alice.delete_document(id).await,
        alice.get("/api/documents").await,
        alice.get(&format!("/api/documents/{id}")).await,
        alice.get(&format!("/api/documents/{id}/download")).await,
        alice.get("/api/auth/me").await,
        alice.get("/api/auth/me/quota").await,
    ] {
        assert_eq!(answer.expect(503)["code"], "database_unreachable");
    }
}

async fn assert_requests_work_after_restart(how: Stop) {
    let (mut postgres_server, vault, alice, services) = vault_on_own_server().await;
    let (kept, stored) =
        (alice.store_confirmed("a.txt", b"hello").await, alice.store_pending("b.txt", b"goodbye").await);
    postgres_server.stop(how);
    assert_every_route_is_503(&alice, &stored).await;
    let stores = services.storage.stores_of("cleanup");
    let swept = cleanup::sweep(&services.db, &stores, &services.queue, docuvault::deadline::Deadline::none());
    swept.await.unwrap_err();
    postgres_server.start_again().await;
    alice.confirm(stored.document_id).await.expect(200);
    alice.delete_document(kept.document_id).await.expect(204);
    assert_eq!(alice.used_bytes().await, 7);
    promises::check(&vault).await.unwrap();
    sweep_after_expiry(&vault).await;
}

#[tokio::test]
async fn functions_work_after_a_restart_of_postgres() {
    assert_requests_work_after_restart(Stop::Fast).await;
}

#[tokio::test]
async fn functions_work_after_a_crash_of_postgres() {
    assert_requests_work_after_restart(Stop::Immediate).await;
}

#[tokio::test]
async fn a_restart_between_two_requests_causes_no_error() {
    let (mut postgres_server, vault, alice, _) = vault_on_own_server().await;
    for how in [Stop::Fast, Stop::Immediate] {
        let upload = alice.store_confirmed("a.txt", b"hello").await;
        postgres_server.stop(how);
        postgres_server.start_again().await;
        alice.delete_document(upload.document_id).await.expect(204);
        postgres_server.stop(how);
        postgres_server.start_again().await;
        alice.begin_upload(text_file_request()).await;
    }
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_function_whose_first_request_met_a_stopped_database_works_later() {
    let (mut postgres_server, vault, alice, _) = vault_on_own_server().await;
    postgres_server.stop(Stop::Fast);
    let elsewhere = vault.in_own_sandbox(&alice);
    elsewhere.get("/api/documents").await.expect(503);
    postgres_server.start_again().await;
    elsewhere.get("/api/documents").await.expect(200);
}
