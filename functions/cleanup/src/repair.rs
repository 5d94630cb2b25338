//! Repairs what the audit finds, if an operator asks for it (`docs/OPERATIONS.md`):
//!
//! - Wrong used bytes become the sum of the account's documents.
//! - A confirmed document without an object is deleted.
//! - An object without a row becomes a document again, or is removed, as the operator chooses.
//! - A changed object is only reported: nobody knows where the confirmed bytes are.
//!
//! Accounts come first, because the deletion of a document subtracts its size from the used bytes.

mod ledger;
mod objects;
mod order;
mod outcome;

use std::ops::ControlFlow;

use docuvault::Result;
use docuvault::db::audit::Cursor;
use docuvault::deadline::Deadline;
use docuvault::storage::Backend;

use crate::{Capabilities, PageSizes};

pub use order::{Order, Orphans, Position};
pub use outcome::{Outcome, Repaired};

/// A repair that runs.
struct Repair<'a> {
    with: &'a Capabilities,
    order: &'a Order,
    request_id: &'a str,
    deadline: Deadline,
    /// The number of accounts that are read at once.
    page_size: u16,
    outcome: Outcome,
}

/// Where a repair goes on, or where it has stopped. It has stopped at `None` if it is done.
type Flow = ControlFlow<Option<Position>, Position>;

/// Repairs, from the position in the order on, until the end, the deadline, or as many changes as the order
/// allows. Unless the order says `apply`, changes nothing and counts what it would change.
///
/// # Errors
/// The order names an unknown store, or the database or the store failed. Changes that were made before are
/// in the audit log.
pub async fn repair(
    with: &Capabilities,
    order: &Order,
    request_id: &str,
    deadline: Deadline,
) -> Result<Outcome> {
    let outcome = Outcome::new(order.apply);
    let page_size = PageSizes::default().users;
    let mut repair = Repair { with, order, request_id, deadline, page_size, outcome };
    let mut position = order.cursor.clone().unwrap_or(Position::FIRST);
    repair.outcome.cursor = loop {
        if deadline.has_passed() {
            break Some(position);
        }
        match repair.step(position).await? {
            ControlFlow::Continue(next) => position = next,
            ControlFlow::Break(stopped_at) => break stopped_at,
        }
    };
    repair.outcome.log();
    Ok(repair.outcome)
}

impl Repair<'_> {
    async fn step(&mut self, position: Position) -> Result<Flow> {
        match position {
            Position::Ledger { user } => self.repair_accounts(user).await,
            Position::Objects { store, at } => self.repair_page(order::parse_store(&store)?, at).await,
        }
    }

    /// Returns true if no further change may be made in this invocation.
    fn is_full(&self) -> bool {
        self.deadline.has_passed() || self.outcome.changes() >= self.order.most
    }
}

/// Returns the beginning of the first store.
fn first_store() -> Flow {
    begin_store(0)
}

/// Returns the beginning of the store behind this one, or the end if it is the last one.
fn store_behind(backend: Backend) -> Flow {
    begin_store(Backend::ALL.iter().take_while(|other| **other != backend).count() + 1)
}

fn begin_store(index: usize) -> Flow {
    match Backend::ALL.get(index) {
        Some(store) => Flow::Continue(Position::objects(*store, Cursor::default())),
        None => Flow::Break(None),
    }
}
