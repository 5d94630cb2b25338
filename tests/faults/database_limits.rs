//! A database that is too busy, in its several ways.

use docuvault::id::UserId;
use tests::{Client, TestVault, promises};

use crate::{a_text, hold_ledger, served, within};

/// Every request that needs the ledger is 503 while somebody holds it, and works afterwards.
async fn ledger_held(vault: &TestVault, alice: &Client) {
    let (kept, stored) = (alice.keep("a.txt", b"hello").await, alice.store("b.txt", b"goodbye").await);
    let ledger = hold_ledger(vault, alice.id()).await;
    let before = vault.rows().await;
    let (one, two, three) = (alice.clone(), vault.elsewhere(alice), vault.elsewhere(alice));
    let (confirmed, removed, begun) = within(15, async {
        tokio::join!(
            one.confirm(stored.document_id),
            two.remove(kept.document_id),
            three.post("/api/documents/upload-url", a_text()),
        )
    })
    .await;
    for answer in [confirmed, removed, begun] {
        assert_eq!(answer.expect(503)["code"], "database_unreachable");
    }
    assert_eq!(vault.rows().await, before);
    ledger.batch_execute("commit").await.unwrap();
    alice.confirm(stored.document_id).await.expect(200);
    alice.remove(kept.document_id).await.expect(204);
    alice.begin(a_text()).await;
    assert_eq!(alice.used_bytes().await, 7);
    promises::hold(vault).await.unwrap();
}

/// What the next connections of the functions to this database are told.
async fn tell(vault: &TestVault, setting: &str) {
    let statement = format!(
        "do $$ begin execute format('alter role docuvault_app in database %I set {setting}', current_database()); end $$"
    );
    vault.tamper(&statement).await;
}

async fn stranger(vault: &TestVault) -> (Client, UserId) {
    let alice = vault.user().await;
    let id = alice.id();
    (served(vault, &alice, &vault.parts()), id)
}

#[tokio::test]
async fn a_lock_that_is_held_for_long_is_503_after_five_seconds() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let began = std::time::Instant::now();
    ledger_held(&vault, &alice).await;
    assert!(began.elapsed().as_secs() >= 5, "the role's lock_timeout");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_503() {
    let vault = TestVault::new().await;
    tell(&vault, "statement_timeout = ''300ms''").await;
    let (alice, _) = stranger(&vault).await;
    ledger_held(&vault, &alice).await;
}

#[tokio::test]
async fn too_many_connections_are_503_until_there_are_fewer() {
    let vault = TestVault::new().await;
    let (alice, _) = stranger(&vault).await;
    let limit = |count: i32| {
        format!(
            "do $$ begin execute format('alter database %I connection limit {count}', current_database()); end $$"
        )
    };
    vault.tamper(&limit(0)).await;
    for _ in 0..2 {
        let answer = alice.post("/api/documents/upload-url", a_text()).await;
        assert_eq!(answer.expect(503)["code"], "database_unreachable");
    }
    vault.tamper(&limit(-1)).await;
    alice.keep("a.txt", b"hello").await;
    promises::hold(&vault).await.unwrap();
}

/// As after a failover, when a connection leads to what has become the copy.
#[tokio::test]
async fn a_database_that_only_reads_is_503_and_is_left_for_another() {
    let vault = TestVault::new().await;
    let user = vault.user().await;
    tell(&vault, "default_transaction_read_only = on").await;
    let alice = served(&vault, &user, &vault.parts());
    assert_eq!(alice.used_bytes().await, 0);
    tell(&vault, "default_transaction_read_only = off").await;
    let answer = alice.post("/api/documents/upload-url", a_text()).await;
    assert_eq!(answer.expect(503)["code"], "database_unreachable");
    alice.keep("a.txt", b"hello").await;
    promises::hold(&vault).await.unwrap();
}

/// Argon2id of `Cafe\u{301}-Horse-7`, as it was hashed before passwords were composed.
const OUTDATED: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$lKxtNQ69gfYmaVwZT054Ag$OM87ZM8CCK1BUpKGVdsLD127ia8f8A3mQAtVUzybOaE";

#[tokio::test]
async fn a_database_that_only_reads_lets_in_whose_password_is_to_be_hashed_anew() {
    let vault = TestVault::new().await;
    let ann = serde_json::json!({"email": "ann@example.com", "password": "Cafe\u{301}-Horse-7"});
    vault.nobody().post("/api/auth/register", ann.clone()).await.expect(201);
    vault.tamper(&format!("update users set password_hash = '{OUTDATED}'")).await;
    tell(&vault, "default_transaction_read_only = on").await;
    let nobody = served(&vault, &vault.nobody(), &vault.parts());
    nobody.post("/api/auth/login", ann.clone()).await.expect(200);
    assert_eq!(vault.rows().await["users"][0]["password_hash"], OUTDATED);
    tell(&vault, "default_transaction_read_only = off").await;
    nobody.post("/api/auth/login", ann).await.expect(200);
    assert_ne!(vault.rows().await["users"][0]["password_hash"], OUTDATED, "the next login hashes anew");
}
