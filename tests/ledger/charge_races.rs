//! Races between connections that confirm. The confirming statement is a parameter, so that the tests can
//! also try wrong ones.

use docuvault::db::Database;
use docuvault::id::{DocumentId, UserId};
use docuvault::storage::StoredObject;
use tests::TestVault;
use tests::promises::Snapshot;
use tokio_postgres::types::Type;

use crate::race::run_together;

/// The size of every document, in bytes.
const SIZE: i64 = 10;

/// A statement that confirms a document.
#[derive(Clone, Copy)]
pub enum Statement {
    /// The vault's statement.
    Ours,
    /// The text of a wrong statement.
    Naive(&'static str),
}

/// A connection that confirms with a statement.
#[derive(Clone)]
pub enum Confirmer {
    /// Confirms with the vault's statement.
    Ours(Database),
    /// Confirms with a wrong statement.
    Naive(std::sync::Arc<tokio_postgres::Client>, &'static str),
}

impl Statement {
    /// Opens this many connections.
    pub async fn open_confirmers(self, vault: &TestVault, many: usize) -> Vec<Confirmer> {
        let mut confirmers = Vec::new();
        for _ in 0..many {
            confirmers.push(match self {
                Self::Ours => Confirmer::Ours(vault.services().db),
                Self::Naive(text) => {
                    Confirmer::Naive(vault.database.connect_as("docuvault_app").await.into(), text)
                }
            });
        }
        confirmers
    }
}

impl Confirmer {
    /// Confirms a document. The caller reads the result from the ledger.
    pub async fn confirm(self, user: UserId, id: DocumentId) {
        match self {
            Self::Ours(db) => {
                let stored = StoredObject { size_bytes: SIZE, sha256: None, etag: None, content_type: None };
                let _charged = docuvault::db::upload::charge(&db, user, id, &stored, SIZE).await.unwrap();
            }
            Self::Naive(client, text) => {
                let params: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] =
                    [(&id, Type::UUID), (&user, Type::UUID), (&SIZE, Type::INT8)];
                client.query_typed(text, &params).await.unwrap();
            }
        }
    }
}

/// Lets all confirmers confirm one document at once. Returns the violated promise, if any.
pub async fn race_for_one_document(vault: &TestVault, confirmers: &[Confirmer]) -> Result<(), String> {
    let user = vault.create_user().await.id();
    let id = insert_pending(vault, user).await;
    run_together(confirmers.iter().cloned().map(|confirmer| confirmer.confirm(user, id))).await;
    check_ledger(vault).await
}

/// Lets each confirmer confirm its own document. The quota has room for one. Returns the violated promise, if
/// any.
pub async fn race_for_the_last_bytes(vault: &TestVault, confirmers: &[Confirmer]) -> Result<(), String> {
    let user = vault.create_user().await.id();
    vault.set_limit(user, SIZE).await;
    let mut runs = Vec::new();
    for confirmer in confirmers {
        runs.push(confirmer.clone().confirm(user, insert_pending(vault, user).await));
    }
    run_together(runs).await;
    let snapshot = Snapshot::take(vault).await;
    snapshot.check_limits().and_then(|()| snapshot.check_ledger_balance())
}

/// Confirms one document after the other: one of them repeatedly, and one that exceeds the quota.
pub async fn confirm_in_sequence(vault: &TestVault, confirmer: &Confirmer) -> Result<(), String> {
    let user = vault.create_user().await.id();
    vault.set_limit(user, SIZE).await;
    let (first, second) = (insert_pending(vault, user).await, insert_pending(vault, user).await);
    for id in [first, first, second, first] {
        confirmer.clone().confirm(user, id).await;
    }
    check_ledger(vault).await?;
    let snapshot = Snapshot::take(vault).await;
    if snapshot.quotas[&user.to_string()].used == SIZE { Ok(()) } else { Err("nothing was charged".into()) }
}

async fn check_ledger(vault: &TestVault) -> Result<(), String> {
    let snapshot = Snapshot::take(vault).await;
    snapshot.check_ledger_balance().and_then(|()| snapshot.check_limits())
}

async fn insert_pending(vault: &TestVault, user: UserId) -> DocumentId {
    let id = DocumentId::new();
    let statement = "insert into documents (id, user_id, object_key, filename, content_type, url_expires_at)
        values ($1, $2, $1::text, 'a.txt', 'text/plain', now())";
    let params: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
        [(&id, Type::UUID), (&user, Type::UUID)];
    vault.database.superuser().await.query_typed(statement, &params).await.unwrap();
    id
}
