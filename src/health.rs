//! The health of the vault: whether what it depends on answers.

use serde::Serialize;
use utoipa::ToSchema;

/// How the vault is.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub struct Health {
    /// `ok` if all parts are, else what is wrong with one of them.
    pub status: DependencyState,
    /// Postgres.
    pub database: DependencyState,
    /// The object store.
    pub store: DependencyState,
    /// The queue.
    pub queue: DependencyState,
}

/// How one part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("ok"))]
pub enum DependencyState {
    /// It answers.
    Ok,
    /// It does not answer.
    Unreachable,
    /// The bucket keeps versions, and so what is deleted.
    Versioned,
}

impl Health {
    /// The whole is as its worst part.
    pub fn new(database: DependencyState, store: DependencyState, queue: DependencyState) -> Self {
        let parts = [database, store, queue];
        let bad = [DependencyState::Unreachable, DependencyState::Versioned]
            .into_iter()
            .find(|bad| parts.contains(bad));
        Self { status: bad.unwrap_or(DependencyState::Ok), database, store, queue }
    }
}
