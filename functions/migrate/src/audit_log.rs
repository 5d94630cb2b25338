//! Deletes entries of the audit log that are older than the operator wants. The role of the other functions
//! may not delete entries, so that whoever controls one of these functions cannot hide what was done.
//! Therefore this is the work of `migrate`, which connects as the owner of the table and which no request can
//! reach.

use docuvault::db;
use docuvault::deadline::Deadline;

use crate::{Capabilities, CommandOutput, Error};

/// The most entries that one statement deletes. It takes less than a second.
const BATCH: i64 = 10_000;

/// Deletes the entries that are too old, the oldest first, in batches. Begins no batch after `stop_at`: the
/// next invocation goes on.
pub(crate) async fn expire(with: &Capabilities, stop_at: Deadline) -> Result<CommandOutput, Error> {
    let (mut expired_entries, mut cut_short) = (0, false);
    loop {
        let deleted = db::audit_log::delete_older(&with.db, with.audit_log.days, BATCH).await?;
        expired_entries += deleted;
        if deleted < BATCH {
            break;
        }
        if stop_at.has_passed() {
            cut_short = true;
            break;
        }
    }
    tracing::info!(expired_entries, cut_short, "old entries of the audit log were deleted");
    Ok(CommandOutput::AuditLog { expired_entries, cut_short })
}
