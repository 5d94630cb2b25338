//! The parts of SQL statements with which an administrator changes an account.

use tokio_postgres::Row;

use super::standing::admit_admin;
use crate::auth::User;
use crate::id::UserId;
use crate::{Error, Result};

/// Returns the first parts of a `with` query that changes an account. `$1` and `$2` are the caller and the
/// session, and `$3` is the account.
///
/// The rows of both accounts are locked, in the order of their ids, so that two such statements cannot
/// deadlock. A locked row shows its newest state, but the statement's snapshot may be older. So whether the
/// caller is still an administrator is decided by the locked row: of two administrators who demote each other
/// at once, the second one is refused.
///
/// `admitted` has the caller's standing. `target` has the account, if the caller is an administrator, the
/// account exists and is not being removed, and `condition` on it (`t`) holds.
pub(super) fn target_sql(condition: &str) -> String {
    format!(
        "caller as materialized (
            select id, standing from callers where id = $1 and session_id = $2
        ), held as materialized (
            select u.* from users u
            where u.id in ($1, $3) and u.removed_at is null
                and exists (select from caller c where c.standing = 'admin')
            order by u.id
            for no key update
        ), admitted as materialized (
            select c.id,
                case when c.standing <> 'admin' then c.standing else coalesce(h.standing, 'inactive') end as standing
            from caller c left join held h on h.id = c.id
        ), target as materialized (
            select t.* from held t join admitted a on a.standing = 'admin' where t.id = $3 and ({condition})
        )"
    )
}

/// The condition of [`target_sql`] that the account is not the caller's own.
pub(super) const IS_OTHER: &str = "t.id <> $1";

/// Checks the answer of a statement with [`target_sql`]. Its row has the caller's `standing`, and the account
/// as `target`.
///
/// # Errors
/// [`Error::OwnAccount`] if the account is the caller's own. [`Error::NotFound`] if there is no such account.
pub(super) fn admit_target(row: Option<Row>, admin: User, id: UserId) -> Result<Row> {
    let row = admit_admin(row)?;
    match row.try_get::<_, Option<UserId>>("target")? {
        Some(_) => Ok(row),
        None if id == admin.id => Err(Error::OwnAccount),
        None => Err(Error::NotFound),
    }
}
