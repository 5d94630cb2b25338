//! The event by which an operator asks for a repair.

use docuvault::db::audit::{Cursor, Place};
use docuvault::id::UserId;
use docuvault::storage::Backend;
use docuvault::{Error, Result};
use serde::{Deserialize, Serialize};

/// The most changes of one invocation, unless the order says otherwise.
const MOST: usize = 100;

/// What an operator asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Whether to change anything. Without it, a repair only tells what it would do.
    #[serde(default)]
    pub apply: bool,
    /// What to do with objects that have no row. Without it, they are only reported.
    pub orphans: Option<Orphans>,
    /// The most changes of this invocation.
    #[serde(default = "default_most")]
    pub most: usize,
    /// Whether to go on if many rows of a page, and most of them, have no object, or many objects no row.
    #[serde(default)]
    pub force: bool,
    /// Where to begin: the `cursor` of the last answer. Without it, a repair begins at the first account.
    pub cursor: Option<Position>,
}

const fn default_most() -> usize {
    MOST
}

impl Default for Order {
    fn default() -> Self {
        Self { apply: false, orphans: None, most: MOST, force: false, cursor: None }
    }
}

/// What to do with objects that have no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orphans {
    /// Make documents of them again, if their accounts exist and have room.
    Recover,
    /// Remove them from the store.
    Remove,
}

/// The position of a repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Position {
    /// Accounts up to this one are repaired.
    Ledger {
        /// The account's id.
        user: UserId,
    },
    /// All accounts are repaired, and this store up to this position.
    Objects {
        /// The name of the store.
        store: String,
        /// The position in the store.
        at: Cursor,
    },
}

impl Position {
    /// The beginning.
    pub const FIRST: Self = Self::Ledger { user: Place::FIRST.user };

    /// Returns a position in a store.
    pub fn objects(backend: Backend, at: Cursor) -> Self {
        Self::Objects { store: backend.as_str().to_owned(), at }
    }
}

/// Parses the name of a store in a position.
///
/// # Errors
/// This release does not know the store.
pub(super) fn parse_store(store: &str) -> Result<Backend> {
    store.parse().map_err(|error| Error::Invalid(format!("cursor: {error}")))
}
