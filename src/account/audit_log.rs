//! The audit log, as the owner of an account sees it.

use crate::audit_log::Entry;
use crate::auth::User;
use crate::db::Database;
use crate::page::{Page, PageQuery, PageRequest, Position};
use crate::{Result, db};

/// Lists the entries in which the account is the actor or the target, newest first.
pub async fn list(db: &Database, user: User, query: PageQuery) -> Result<Page<Entry>> {
    let paging = PageRequest::parse("own audit log", user.id, &query)?;
    let entries = db::audit_log::list_own(db, user, &paging).await?;
    Ok(paging.page(entries, |last| Position { created_at: last.at, id: last.id }))
}
