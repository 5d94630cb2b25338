//! Repairs of the ledger.

use docuvault::id::UserId;
use docuvault::{Result, db};

use super::{Flow, Position, Repair, first_store};
use crate::audit::read_page;

impl Repair<'_> {
    /// Corrects the used bytes of a page of accounts.
    pub(super) async fn repair_accounts(&mut self, mut after: UserId) -> Result<Flow> {
        let Some(balances) = read_page(&self.with.db, after, &mut self.page_size).await? else {
            return Ok(Flow::Continue(Position::Ledger { user: after }));
        };
        for balance in &balances {
            if balance.drift_bytes() > 0 {
                if self.is_full() {
                    return Ok(Flow::Break(Some(Position::Ledger { user: after })));
                }
                self.outcome.ledger_drifts.count_finding(balance.user);
                if self.order.apply
                    && db::repair::correct_ledger(&self.with.db, balance.user, self.request_id).await?
                {
                    self.outcome.ledger_drifts.changed += 1;
                }
            }
            after = balance.user;
        }
        let is_last = balances.len() < usize::from(self.page_size);
        Ok(if is_last { first_store() } else { Flow::Continue(Position::Ledger { user: after }) })
    }
}
