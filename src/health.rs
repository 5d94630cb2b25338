//! The health of the vault: whether what it depends on answers.

use serde::Serialize;
use utoipa::ToSchema;

/// How the vault is.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub struct Health {
    /// `ok` if all parts are, else what is wrong with one of them.
    pub status: State,
    /// Postgres.
    pub database: State,
    /// The object store.
    pub store: State,
    /// The queue.
    pub queue: State,
}

/// How one part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It answers.
    Ok,
    /// It does not answer.
    Unreachable,
    /// The bucket keeps versions, and so what is deleted.
    Versioned,
}

impl Health {
    /// The whole is as its worst part.
    pub fn new(database: State, store: State, queue: State) -> Self {
        let parts = [database, store, queue];
        let bad = [State::Unreachable, State::Versioned].into_iter().find(|bad| parts.contains(bad));
        Self { status: bad.unwrap_or(State::Ok), database, store, queue }
    }
}
