//! The audit of the ledger.

use docuvault::db::Database;
use docuvault::db::audit::{Balance, Cursor, Place};
use docuvault::deadline::Deadline;
use docuvault::id::UserId;
use docuvault::limits::AUDIT_INTERVAL;
use docuvault::{Result, db};

use super::{Audit, log_overtaken};

/// The name of this audit in the database.
const NAME: &str = "ledger";

/// Compares the used bytes of accounts with their documents, `most` accounts in a step.
pub(super) async fn audit(db: &Database, deadline: Deadline, most: u16, counts: &mut Audit) -> Result<()> {
    if deadline.has_passed() {
        return Ok(());
    }
    let Some(mut due) = db::audit::find_due(db, NAME, AUDIT_INTERVAL).await? else { return Ok(()) };
    let mut page_size = most;
    while !deadline.has_passed() {
        let Some(balances) = read_page(db, due.cursor.after.user, &mut page_size).await? else { continue };
        let next = balances.get(usize::from(page_size) - 1).map(|last| behind_user(last.user));
        if db::audit::save_step(db, NAME, &due, next.as_ref(), &[]).await?.is_none() {
            log_overtaken(NAME);
            break;
        }
        report(&balances, next.is_none(), counts);
        let Some(next) = next else { break };
        due = due.next(next);
    }
    Ok(())
}

/// Reads the balances of the next accounts, `size` at most. If the server cancels the statement because these
/// accounts have too many documents, divides `size` by ten and returns `None`: the same page would be too
/// large in every sweep, but a smaller one may be read next.
pub(crate) async fn read_page(db: &Database, after: UserId, size: &mut u16) -> Result<Option<Vec<Balance>>> {
    match db::audit::read_balances(db, after, *size).await {
        Err(error) if *size > 1 && db::is_cancelled(&error) => {
            *size = (*size / 10).max(1);
            tracing::warn!(accounts = *size, "a page of accounts took too long, and a smaller one is read");
            Ok(None)
        }
        balances => balances.map(Some),
    }
}

/// Returns the position behind an account.
fn behind_user(user: UserId) -> Cursor {
    Cursor { after: Place { user, ..Place::FIRST }, ..Cursor::default() }
}

/// Logs and counts the differences of a step that was saved.
fn report(balances: &[Balance], pass_ended: bool, counts: &mut Audit) {
    let drifts: Vec<_> = balances.iter().filter(|balance| balance.drift_bytes() > 0).collect();
    for Balance { user, used_bytes, confirmed_bytes } in &drifts {
        tracing::error!(
            %user,
            used_bytes,
            confirmed_bytes,
            "the used bytes of an account are not the sum of its documents"
        );
    }
    let drift_bytes = drifts.iter().map(|balance| balance.drift_bytes()).sum::<u64>();
    tracing::info!(
        metric.audited_users = balances.len(),
        metric.ledger_drifts = drifts.len(),
        metric.drift_bytes = drift_bytes,
        pass_ended,
        "a part of the ledger was audited"
    );
    counts.users += balances.len();
    counts.drifts += drifts.len();
    counts.drift_bytes += drift_bytes;
}
