//! The races of the confirm statement itself, with the statement as a parameter.

use docuvault::db::Database;
use docuvault::id::{DocumentId, UserId};
use docuvault::storage::StoredObject;
use tests::TestVault;
use tests::promises::Snapshot;
use tokio_postgres::types::Type;

use crate::race::together;

/// What a document has, in bytes.
const SIZE: i64 = 10;

/// A confirm statement.
#[derive(Clone, Copy)]
pub enum Statement {
    /// The vault's.
    Ours,
    /// Another.
    Naive(&'static str),
}

/// One connection that confirms by a statement.
#[derive(Clone)]
pub enum Charger {
    /// By the vault's.
    Ours(Database),
    /// By another.
    Naive(std::sync::Arc<tokio_postgres::Client>, &'static str),
}

impl Statement {
    /// As many connections as asked for.
    pub async fn chargers(self, vault: &TestVault, many: usize) -> Vec<Charger> {
        let mut chargers = Vec::new();
        for _ in 0..many {
            chargers.push(match self {
                Self::Ours => Charger::Ours(vault.parts().db),
                Self::Naive(text) => {
                    Charger::Naive(vault.database.connect_as("docuvault_app").await.into(), text)
                }
            });
        }
        chargers
    }
}

impl Charger {
    /// Confirms; how it ends is read off the ledger.
    pub async fn charge(self, user: UserId, id: DocumentId) {
        match self {
            Self::Ours(db) => {
                let stored = StoredObject { size_bytes: SIZE, sha256: None, etag: None };
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

/// All chargers confirm one document at once. The violation, if there is one.
pub async fn one_document(vault: &TestVault, chargers: &[Charger]) -> Result<(), String> {
    let user = vault.user().await.id();
    let id = pending(vault, user).await;
    together(chargers.iter().cloned().map(|charger| charger.charge(user, id))).await;
    check(vault).await
}

/// Each charger confirms a document of its own, of which only one fits. The violation, if there is one.
pub async fn one_place(vault: &TestVault, chargers: &[Charger]) -> Result<(), String> {
    let user = vault.user().await.id();
    vault.limit(user, SIZE).await;
    let mut runs = Vec::new();
    for charger in chargers {
        runs.push(charger.clone().charge(user, pending(vault, user).await));
    }
    together(runs).await;
    let snapshot = Snapshot::take(vault).await;
    snapshot.limits_are_kept().and_then(|()| snapshot.ledger_is_balanced())
}

/// One after the other: a repetition, and a document that does not fit.
pub async fn in_turn(vault: &TestVault, charger: &Charger) -> Result<(), String> {
    let user = vault.user().await.id();
    vault.limit(user, SIZE).await;
    let (first, second) = (pending(vault, user).await, pending(vault, user).await);
    for id in [first, first, second, first] {
        charger.clone().charge(user, id).await;
    }
    check(vault).await?;
    let snapshot = Snapshot::take(vault).await;
    if snapshot.quotas[&user.to_string()].used == SIZE { Ok(()) } else { Err("nothing was charged".into()) }
}

async fn check(vault: &TestVault) -> Result<(), String> {
    let snapshot = Snapshot::take(vault).await;
    snapshot.ledger_is_balanced().and_then(|()| snapshot.limits_are_kept())
}

async fn pending(vault: &TestVault, user: UserId) -> DocumentId {
    let id = DocumentId::new();
    let statement = "insert into documents (id, user_id, object_key, filename, content_type, url_expires_at)
        values ($1, $2, $1::text, 'a.txt', 'text/plain', now())";
    let params: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
        [(&id, Type::UUID), (&user, Type::UUID)];
    vault.database.superuser().await.query_typed(statement, &params).await.unwrap();
    id
}
