//! The audit. It compares the ledger with the documents (P1), and the objects of each store with the rows in
//! both directions (P3, P5). It changes nothing; an operator has `repair` change what it finds.
//!
//! A pass goes through all accounts or through a whole store, in steps of one page, over as many sweeps as it
//! takes. The database has the position (`db::audit`). If two audits run at once, the one that saves a step
//! first reports it, and the other one stops.

mod ledger;
mod objects;

use docuvault::Result;
use docuvault::db::Database;
use docuvault::deadline::Deadline;
use docuvault::storage::{Backend, Stores};
use serde::Serialize;

use crate::log_error;

pub(crate) use ledger::read_page;
pub(crate) use objects::{Checked, Page, check, log_unchecked};

/// How much a step compares.
#[derive(Clone, Copy, Debug)]
pub struct PageSizes {
    /// Accounts in a step of the ledger. A step reads one index entry of each of their documents, about a
    /// million in 0.2 s. The server ends it after 10 s, and the next step is then smaller.
    pub users: u16,
    /// Objects in a step of a store: one page of its list, which has 1,000 objects at most. A pass sends one
    /// request for them, and two statements. So a million objects cost 1,000 requests and 2,000 statements a
    /// day, and nothing is asked about a single object unless it looks wrong.
    pub objects: u16,
}

impl Default for PageSizes {
    fn default() -> Self {
        Self { users: 500, objects: 1_000 }
    }
}

/// Counts of what an audit compared and found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Accounts that were compared.
    pub users: usize,
    /// Accounts whose used bytes are not the sum of their documents.
    pub drifts: usize,
    /// The sum of these differences, in bytes.
    pub drift_bytes: u64,
    /// Objects of the vault that were compared.
    pub objects: usize,
    /// Objects whose keys are not the vault's. They belong to somebody else.
    pub foreign: usize,
    /// Objects with neither a row nor a tombstone.
    pub without_row: usize,
    /// Confirmed documents without an object.
    pub without_object: usize,
    /// Objects whose size or entity tag is not that of their document.
    pub changed: usize,
    /// Suspicious objects that nobody can check: the store refuses to tell anything about them, or the key in
    /// the document's row is not one of the vault's.
    pub unchecked: usize,
}

/// Takes steps of each audit that is due, until its pass ends or the deadline is near. Logs each step and
/// each finding.
///
/// # Errors
/// The first error of an audit; the other audits still run.
pub async fn audit(db: &Database, stores: &Stores, deadline: Deadline, pages: PageSizes) -> Result<Audit> {
    let mut counts = Audit::default();
    let mut result =
        log_error("audit of the ledger", ledger::audit(db, deadline, pages.users, &mut counts).await);
    for backend in Backend::ALL {
        let audited = objects::audit(db, stores, backend, deadline, pages.objects, &mut counts).await;
        result = result.and(log_error("audit of the objects", audited));
    }
    result.map(|()| counts)
}

/// Reports the step of another audit, which was faster than this one.
fn log_overtaken(audit: &str) {
    tracing::info!(audit, "another audit has done this step");
}
