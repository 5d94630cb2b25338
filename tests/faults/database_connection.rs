//! Connections that end, between requests and under them.

use serde_json::json;
use tests::{TestVault, promises};

use crate::{CUT, a_text, cut_connections, hold_ledger, served};

#[tokio::test]
async fn a_connection_that_was_cut_between_requests_is_never_noticed() {
    let vault = TestVault::new().await;
    let parts = vault.parts();
    let alice = served(&vault, &vault.user().await, &parts);
    for _ in 0..10 {
        cut_connections(&vault).await;
        let upload = alice.begin(a_text()).await;
        assert_eq!(upload.put(b"hello").await, 200);
        cut_connections(&vault).await;
        alice.confirm(upload.document_id).await.expect(200);
        cut_connections(&vault).await;
        alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
        cut_connections(&vault).await;
        alice.remove(upload.document_id).await.expect(204);
        cut_connections(&vault).await;
        vault.sweep_by(&parts).await;
        cut_connections(&vault).await;
        assert_eq!(alice.used_bytes().await, 0);
    }
    promises::hold(&vault).await.unwrap();
}

/// Cuts the connections while this thread, and with it every driver, stands still: as in a sandbox that is frozen.
fn cut_while_all_stands_still(vault: &TestVault) {
    let superuser = vault.database.url("postgres");
    let cutting = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(&superuser, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.query_one(CUT, &[]).await.unwrap();
        });
    });
    cutting.join().unwrap();
}

#[tokio::test]
async fn a_connection_that_was_cut_while_all_stood_still_is_never_noticed() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for _ in 0..10 {
        let upload = alice.keep("a.txt", b"hello").await;
        cut_while_all_stands_still(&vault);
        alice.remove(upload.document_id).await.expect(204);
        cut_while_all_stands_still(&vault);
        alice.begin(a_text()).await;
    }
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_charge_whose_connection_is_cut_is_sent_again() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.store("a.txt", b"hello").await;
    let ledger = hold_ledger(&vault, alice.id()).await;
    let (answer, ()) = tokio::join!(alice.confirm(upload.document_id), async {
        vault.until_waiting("upload::charge").await;
        cut_connections(&vault).await;
        ledger.batch_execute("commit").await.unwrap();
    });
    assert_eq!(answer.expect(200)["used_bytes"], 5);
    promises::hold(&vault).await.unwrap();
}

#[tokio::test]
async fn a_deletion_whose_connection_is_cut_is_503_and_has_not_happened() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let ledger = hold_ledger(&vault, alice.id()).await;
    let (answer, ()) = tokio::join!(alice.remove(upload.document_id), async {
        vault.until_waiting("document::delete").await;
        cut_connections(&vault).await;
        ledger.batch_execute("commit").await.unwrap();
    });
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    promises::hold(&vault).await.unwrap();
    assert_eq!(alice.used_bytes().await, 5);
    alice.remove(upload.document_id).await.expect(204);
    assert_eq!(alice.used_bytes().await, 0);
}

#[tokio::test]
async fn an_upload_url_whose_connection_is_cut_is_503_and_leaves_no_row() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let ledger = hold_ledger(&vault, alice.id()).await;
    let (answer, ()) = tokio::join!(alice.post("/api/documents/upload-url", a_text()), async {
        vault.until_waiting("upload::begin").await;
        cut_connections(&vault).await;
        ledger.batch_execute("commit").await.unwrap();
    });
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    assert_eq!(alice.get("/api/documents?status=pending").await.expect(200)["items"], json!([]));
    alice.begin(a_text()).await;
}
