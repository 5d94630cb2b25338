//! The SQL statement that reads the audit log for administrators.

use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::super::param::Params;
use super::super::standing::admit_admin;
use super::super::{Database, Retry, read_list};
use crate::Result;
use crate::administration::LogFilter;
use crate::audit_log::Entry;
use crate::auth::User;
use crate::page::PageRequest;

/// Reads a page of the entries that the filter admits, newest first.
pub async fn list_log(
    db: &Database,
    admin: User,
    filter: &LogFilter,
    paging: &PageRequest,
) -> Result<Vec<Entry>> {
    let statement = "-- administration::list_log
        select c.standing, e.*
        from callers c left join lateral (
            select e.id, e.at, e.actor_id, e.action, e.target_id, e.address, e.request_id, e.details
            from audit_log e
            where c.standing = 'admin' and ($3::timestamptz is null or (e.at, e.id) < ($3, $4))
                and ($6::uuid is null or e.actor_id = $6) and ($7::uuid is null or e.target_id = $7)
                and ($8::text is null or e.action = $8)
                and ($9::timestamptz is null or e.at >= $9) and ($10::timestamptz is null or e.at < $10)
            order by e.at desc, e.id desc
            limit $5
        ) e on true
        where c.id = $1 and c.session_id = $2
        order by e.at desc, e.id desc";
    let after = paging.after();
    let params: Params<'_> = &[
        /* $1 */ &admin.id,
        /* $2 */ &admin.session,
        /* $3 */ &after.map(|place| place.created_at),
        /* $4 */ &after.map(|place| place.id),
        /* $5 */ &paging.read_limit(),
        /* $6 */ &filter.actor,
        /* $7 */ &filter.target,
        /* $8 */ &filter.action,
        /* $9 */ &filter.from,
        /* $10 */ &filter.until,
    ];
    let mut rows = db.query(Retry::Safe, statement, params).await?.into_iter();
    read_list(admit_admin(rows.next())?, rows, read_entry)
}

fn read_entry(row: &Row) -> Result<Entry> {
    Ok(Entry {
        id: row.try_get("id")?,
        at: row.try_get("at")?,
        actor_id: row.try_get("actor_id")?,
        action: row.try_get("action")?,
        target_id: row.try_get("target_id")?,
        address: row.try_get("address")?,
        request_id: row.try_get("request_id")?,
        details: row.try_get::<_, Json<_>>("details")?.0,
    })
}
