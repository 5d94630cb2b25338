//! The audit of the ledger.

use docuvault::db::Database;
use docuvault::db::audit::Balance;
use docuvault::deadline::Deadline;
use docuvault::limits::AUDIT_INTERVAL;
use docuvault::{Result, db};

use super::{Audit, behind_user, log_overtaken};

/// The name of this audit in the database.
const NAME: &str = "ledger";

/// Compares the used bytes of accounts with their documents, `most` accounts in a step.
pub(super) async fn audit(db: &Database, deadline: Deadline, most: u16, counts: &mut Audit) -> Result<()> {
    if deadline.has_passed() {
        return Ok(());
    }
    let Some(mut due) = db::audit::find_due(db, NAME, AUDIT_INTERVAL).await? else { return Ok(()) };
    while !deadline.has_passed() {
        let balances = db::audit::read_balances(db, due.cursor.after.user, most).await?;
        let next = balances.get(usize::from(most) - 1).map(|last| behind_user(last.user));
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
