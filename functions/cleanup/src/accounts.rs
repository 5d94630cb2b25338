//! The part of the sweep that removes deleted accounts.

use docuvault::db::{Database, removal};
use docuvault::deadline::Deadline;
use docuvault::id::UserId;
use docuvault::storage::DELETE_BATCH;
use docuvault::{Error, Result};

use crate::Report;

/// The most accounts that a sweep works on.
const ACCOUNTS: i64 = 100;

/// The most documents that a sweep buries for deleted accounts: about as many as it can remove from the
/// store. So a large account leaves time for the other parts of the sweep.
const DOCUMENTS: i64 = 20_000;

/// The most sessions that one statement deletes. A session that was used for 90 days has some 9,000 refresh
/// tokens.
const SESSION_BATCH: i64 = 10;

/// Removes accounts until nothing is left of them, the deadline is near or enough documents are buried. Later
/// sweeps go on.
///
/// # Errors
/// The first error of an account. The other accounts are still worked on.
pub async fn remove_accounts(db: &Database, deadline: Deadline, report: &mut Report) -> Result<()> {
    let (mut documents, mut result) = (DOCUMENTS, Ok(()));
    for id in removal::find_begun(db, ACCOUNTS).await? {
        match remove(db, id, deadline, &mut documents).await {
            Ok(is_done) => report.accounts += usize::from(is_done),
            Err(error) => result = result.and(Err::<(), Error>(error)),
        }
    }
    result
}

/// Removes what is left of an account: buries its documents, then deletes its sessions, and then its row with
/// everything else. `documents` is the number of documents that may still be buried. Returns whether nothing
/// is left.
async fn remove(db: &Database, id: UserId, deadline: Deadline, documents: &mut i64) -> Result<bool> {
    while !deadline.has_passed() && *documents > 0 {
        let buried = removal::bury_documents(db, id, (*documents).min(DELETE_BATCH as i64)).await?;
        *documents -= buried;
        if buried == 0 && removal::remove_sessions(db, id, SESSION_BATCH).await? == 0 {
            return removal::finish(db, id).await;
        }
    }
    Ok(false)
}
