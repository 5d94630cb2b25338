//! The statement that compares the ledger with the documents.

use tokio_postgres::Row;

use super::super::{Database, Retry};
use crate::Result;
use crate::id::UserId;

/// The charged bytes of an account, and the bytes of its confirmed documents, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account's id.
    pub user: UserId,
    /// The used bytes in the ledger.
    pub used_bytes: i64,
    /// The sum of the sizes of the account's confirmed documents.
    pub confirmed_bytes: i64,
}

impl Balance {
    /// The difference between both numbers, which is zero if the ledger is right.
    pub const fn drift_bytes(&self) -> u64 {
        self.used_bytes.abs_diff(self.confirmed_bytes)
    }
}

/// Reads the balances of up to `most` accounts whose ids are greater than `after`, in the order of their ids.
/// One statement has one snapshot, and both numbers are right in every committed state. So each difference is
/// an error of the ledger, whatever happens at the same time.
pub async fn read_balances(db: &Database, after: UserId, most: u16) -> Result<Vec<Balance>> {
    let statement = "-- audit::read_balances
        select q.user_id, q.used_bytes, s.confirmed_bytes
        from (select * from quotas where user_id > $1 order by user_id limit $2) q,
            lateral (
                select coalesce(sum(d.size_bytes), 0)::bigint as confirmed_bytes
                from documents d where d.user_id = q.user_id and d.status <> 'pending'
            ) s
        order by q.user_id";
    let rows = db.query(Retry::Safe, statement, &[/* $1 */ &after, /* $2 */ &i64::from(most)]).await?;
    let read = |row: &Row| {
        Ok(Balance {
            user: row.try_get("user_id")?,
            used_bytes: row.try_get("used_bytes")?,
            confirmed_bytes: row.try_get("confirmed_bytes")?,
        })
    };
    rows.iter().map(read).collect()
}
