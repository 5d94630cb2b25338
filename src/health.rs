//! The health of the vault: the state of Postgres, the object store and the queue.

use serde::Serialize;
use utoipa::ToSchema;

/// The states of the services on which the vault depends, and one status for all of them.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub struct Health {
    /// `ok` if all dependencies are `ok`, else the worst of their states.
    pub status: DependencyState,
    /// The state of Postgres.
    pub database: DependencyState,
    /// The state of the object store.
    pub store: DependencyState,
    /// The state of the queue.
    pub queue: DependencyState,
}

/// The state of a dependency.
///
/// - `ok`: it answers.
/// - `unreachable`: it does not answer.
/// - `versioned`: the store's bucket keeps old versions, so that a deleted document is not gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("ok"))]
pub enum DependencyState {
    /// The dependency answers.
    Ok,
    /// The dependency does not answer.
    Unreachable,
    /// The bucket keeps versions, so deleted documents stay in it.
    Versioned,
}

impl Health {
    /// Combines the states of the dependencies. The worst of them becomes the overall status.
    pub fn new(database: DependencyState, store: DependencyState, queue: DependencyState) -> Self {
        let parts = [database, store, queue];
        let bad = [DependencyState::Unreachable, DependencyState::Versioned]
            .into_iter()
            .find(|bad| parts.contains(bad));
        Self { status: bad.unwrap_or(DependencyState::Ok), database, store, queue }
    }
}
