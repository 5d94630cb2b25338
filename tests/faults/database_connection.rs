//! Functions survive connections to Postgres that are closed between requests or during them.

use serde_json::json;
use tests::{TestVault, promises};

use crate::{CLOSE_CONNECTIONS, close_connections, in_sandbox_with, lock_ledger, text_file_request};

#[tokio::test]
async fn a_connection_closed_between_requests_causes_no_error() {
    let vault = TestVault::new().await;
    let services = vault.services();
    let alice = in_sandbox_with(&vault, &vault.create_user().await, &services);
    for _ in 0..10 {
        close_connections(&vault).await;
        let upload = alice.begin_upload(text_file_request()).await;
        assert_eq!(upload.put(b"hello").await, 200);
        close_connections(&vault).await;
        alice.confirm(upload.document_id).await.expect(200);
        close_connections(&vault).await;
        alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
        close_connections(&vault).await;
        alice.delete_document(upload.document_id).await.expect(204);
        close_connections(&vault).await;
        vault.sweep_with(&services).await;
        close_connections(&vault).await;
        assert_eq!(alice.used_bytes().await, 0);
    }
    promises::check(&vault).await.unwrap();
}

/// Closes the connections while this thread is blocked. The driver cannot notice, as in a frozen sandbox.
fn close_connections_while_frozen(vault: &TestVault) {
    let superuser = vault.database.url("postgres");
    let cutting = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(&superuser, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.query_one(CLOSE_CONNECTIONS, &[]).await.unwrap();
        });
    });
    cutting.join().unwrap();
}

#[tokio::test]
async fn a_connection_closed_while_the_sandbox_is_frozen_causes_no_error() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for _ in 0..10 {
        let upload = alice.store_confirmed("a.txt", b"hello").await;
        close_connections_while_frozen(&vault);
        alice.delete_document(upload.document_id).await.expect(204);
        close_connections_while_frozen(&vault);
        alice.begin_upload(text_file_request()).await;
    }
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_confirmation_whose_connection_is_closed_is_repeated() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let ledger = lock_ledger(&vault, alice.id()).await;
    let (answer, ()) = tokio::join!(alice.confirm(upload.document_id), async {
        vault.wait_until_blocked("upload::charge").await;
        close_connections(&vault).await;
        ledger.batch_execute("commit").await.unwrap();
    });
    assert_eq!(answer.expect(200)["used_bytes"], 5);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn a_deletion_whose_connection_is_closed_is_503_and_deletes_nothing() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let ledger = lock_ledger(&vault, alice.id()).await;
    let (answer, ()) = tokio::join!(alice.delete_document(upload.document_id), async {
        vault.wait_until_blocked("document::delete").await;
        close_connections(&vault).await;
        ledger.batch_execute("commit").await.unwrap();
    });
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    promises::check(&vault).await.unwrap();
    assert_eq!(alice.used_bytes().await, 5);
    alice.delete_document(upload.document_id).await.expect(204);
    assert_eq!(alice.used_bytes().await, 0);
}

#[tokio::test]
async fn an_upload_request_whose_connection_is_closed_is_503_and_leaves_no_row() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let ledger = lock_ledger(&vault, alice.id()).await;
    let (answer, ()) = tokio::join!(alice.post("/api/documents/upload-url", text_file_request()), async {
        vault.wait_until_blocked("upload::begin").await;
        close_connections(&vault).await;
        ledger.batch_execute("commit").await.unwrap();
    });
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    assert_eq!(alice.get("/api/documents?status=pending").await.expect(200)["items"], json!([]));
    alice.begin_upload(text_file_request()).await;
}
