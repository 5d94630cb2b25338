//! Limits of the database: locks, timeouts, connections, read-only transactions.

use docuvault::id::UserId;
use tests::{Client, TestVault, promises};

use crate::{assert_within, in_sandbox_with, lock_ledger, text_file_request};

/// Asserts that requests that need a row of the ledger get 503 while it is locked, and work afterwards.
async fn assert_503_while_ledger_is_locked(vault: &TestVault, alice: &Client) {
    let (kept, stored) =
        (alice.store_confirmed("a.txt", b"hello").await, alice.store_pending("b.txt", b"goodbye").await);
    let ledger = lock_ledger(vault, alice.id()).await;
    let before = vault.rows().await;
    let (one, two, three) = (alice.clone(), vault.in_own_sandbox(alice), vault.in_own_sandbox(alice));
    let (confirmed, removed, begun) = assert_within(15, async {
        tokio::join!(
            one.confirm(stored.document_id),
            two.delete_document(kept.document_id),
            three.post("/api/documents/upload-url", text_file_request()),
        )
    })
    .await;
    for answer in [confirmed, removed, begun] {
        assert_eq!(answer.expect(503)["code"], "database_unreachable");
    }
    assert_eq!(vault.rows().await, before);
    ledger.batch_execute("commit").await.unwrap();
    alice.confirm(stored.document_id).await.expect(200);
    alice.delete_document(kept.document_id).await.expect(204);
    alice.begin_upload(text_file_request()).await;
    assert_eq!(alice.used_bytes().await, 7);
    promises::check(vault).await.unwrap();
}

/// Changes a setting for new connections of functions to this database.
async fn set_for_new_connections(vault: &TestVault, setting: &str) {
    let statement = format!(
        "do $$ begin execute format('alter role docuvault_app in database %I set {setting}', current_database()); end $$"
    );
    vault.tamper(&statement).await;
}

async fn user_with_new_connection(vault: &TestVault) -> (Client, UserId) {
    let alice = vault.create_user().await;
    let id = alice.id();
    (in_sandbox_with(vault, &alice, &vault.services()), id)
}

#[tokio::test]
async fn a_request_that_waits_for_a_lock_is_503_after_five_seconds() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let began = std::time::Instant::now();
    assert_503_while_ledger_is_locked(&vault, &alice).await;
    assert!(began.elapsed().as_secs() >= 5, "the lock_timeout of the role is 5 s");
}

#[tokio::test]
async fn a_request_whose_statement_times_out_is_503() {
    let vault = TestVault::new().await;
    set_for_new_connections(&vault, "statement_timeout = ''300ms''").await;
    let (alice, _) = user_with_new_connection(&vault).await;
    assert_503_while_ledger_is_locked(&vault, &alice).await;
}

#[tokio::test]
async fn requests_are_503_while_the_database_refuses_new_connections() {
    let vault = TestVault::new().await;
    let (alice, _) = user_with_new_connection(&vault).await;
    let limit = |count: i32| {
        format!(
            "do $$ begin execute format('alter database %I connection limit {count}', current_database()); end $$"
        )
    };
    vault.tamper(&limit(0)).await;
    for _ in 0..2 {
        let answer = alice.post("/api/documents/upload-url", text_file_request()).await;
        assert_eq!(answer.expect(503)["code"], "database_unreachable");
    }
    vault.tamper(&limit(-1)).await;
    alice.store_confirmed("a.txt", b"hello").await;
    promises::check(&vault).await.unwrap();
}

/// After a failover a connection can lead to a server that has become a read-only replica.
#[tokio::test]
async fn a_write_on_a_read_only_connection_is_503_and_the_next_request_connects_anew() {
    let vault = TestVault::new().await;
    let user = vault.create_user().await;
    set_for_new_connections(&vault, "default_transaction_read_only = on").await;
    let alice = in_sandbox_with(&vault, &user, &vault.services());
    assert_eq!(alice.used_bytes().await, 0);
    set_for_new_connections(&vault, "default_transaction_read_only = off").await;
    let answer = alice.post("/api/documents/upload-url", text_file_request()).await;
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    alice.store_confirmed("a.txt", b"hello").await;
    promises::check(&vault).await.unwrap();
}

/// The Argon2id hash of `Cafe\u{301}-Horse-7` without normalization, as older releases stored it.
const UNNORMALIZED_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$lKxtNQ69gfYmaVwZT054Ag$OM87ZM8CCK1BUpKGVdsLD127ia8f8A3mQAtVUzybOaE";

#[tokio::test]
async fn a_login_on_a_read_only_database_is_503_and_the_next_one_stores_the_new_hash() {
    let vault = TestVault::new().await;
    let ann = serde_json::json!({"email": "ann@example.com", "password": "Cafe\u{301}-Horse-7"});
    vault.anonymous().post("/api/auth/register", ann.clone()).await.expect(201);
    vault.tamper(&format!("update users set password_hash = '{UNNORMALIZED_HASH}'")).await;
    set_for_new_connections(&vault, "default_transaction_read_only = on").await;
    let anonymous = in_sandbox_with(&vault, &vault.anonymous(), &vault.services());
    let answer = anonymous.post("/api/auth/login", ann.clone()).await;
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    assert_eq!(vault.rows().await["users"][0]["password_hash"], UNNORMALIZED_HASH);
    set_for_new_connections(&vault, "default_transaction_read_only = off").await;
    anonymous.post("/api/auth/login", ann).await.expect(200);
    assert_ne!(
        vault.rows().await["users"][0]["password_hash"],
        UNNORMALIZED_HASH,
        "the next login stores the new hash"
    );
}
