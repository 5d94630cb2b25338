//! The part of SQL statements that writes to the audit log, and the statements that read it. The functions
//! may neither change nor delete entries: their role has no right to. Only `migrate`, whose role owns the
//! table, deletes those that are too old.

use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::param::Params;
use super::standing::admit_anybody;
use super::{Database, Retry, read_list};
use crate::audit_log::{Action, Entry};
use crate::auth::User;
use crate::page::PageRequest;
use crate::{Error, Result};

/// The columns of an entry `e` that its owner may see. Who has acted for another account, such as an
/// administrator, does not show the own network address.
pub(super) const OWN_COLUMNS: &str = "e.id, e.at, e.actor_id, e.action, e.target_id,
    case when e.actor_id is null or e.actor_id = c.id then e.address end as address, e.request_id, e.details";

/// The SQL expressions of an entry's columns.
pub(super) struct EntrySql<'a> {
    /// The kind of the event.
    pub action: Action,
    /// The account that acts, such as `s.user_id`. `null` if nobody is signed in.
    pub actor: &'a str,
    /// The account that the event is about.
    pub target: &'a str,
    /// More about the event, as `jsonb`. It has ids, numbers and words of the vault only: no secrets, URLs,
    /// addresses, filenames or contents.
    pub details: &'a str,
    /// The rows for each of which an entry is written: a part of the same statement, and conditions if
    /// needed, such as `ended e where e.reused`.
    pub from: &'a str,
}

impl EntrySql<'_> {
    /// Returns SQL that writes an entry for each row. `address` and `request_id` are the numbers of the
    /// parameters that contain the origin of the request ([`Visit`](crate::visit::Visit)), such as `$3`.
    pub(super) fn insert(&self, address: &str, request_id: &str) -> String {
        let Self { action, actor, target, details, from } = self;
        let action = action.as_str();
        format!(
            "insert into audit_log (id, actor_id, action, target_id, address, request_id, details)
            select gen_random_uuid(), {actor}, '{action}', {target}, {address}, {request_id}, {details}
            from {from}"
        )
    }
}

/// Returns SQL that reads entries in which the account `c` is the actor or the target. Each of the two has an
/// index, in the order of time. `condition` limits the entries `e`, `order` is `asc` or `desc`, and `limit`
/// is the number of the parameter with the most entries. It returns up to twice as many, in no order. An
/// entry in which the account is both is there once.
pub(super) fn own_entries(condition: &str, order: &str, limit: &str) -> String {
    let read = |column| {
        format!(
            "(select e.* from audit_log e where e.{column} = c.id and {condition}
            order by e.at {order}, e.id {order} limit {limit})"
        )
    };
    format!("{} union {}", read("actor_id"), read("target_id"))
}

/// Reads a page of the entries in which the account is the actor or the target, newest first.
pub async fn list_own(db: &Database, user: User, paging: &PageRequest) -> Result<Vec<Entry>> {
    let entries = own_entries("($3::timestamptz is null or (e.at, e.id) < ($3, $4))", "desc", "$5");
    let statement = format!(
        "-- audit_log::list_own
        select c.standing, e.*
        from callers c left join lateral (
            select {OWN_COLUMNS} from ({entries}) e order by e.at desc, e.id desc limit $5
        ) e on true
        where c.id = $1 and c.session_id = $2
        order by e.at desc, e.id desc"
    );
    let after = paging.after();
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &after.map(|place| place.created_at),
        /* $4 */ &after.map(|place| place.id),
        /* $5 */ &paging.read_limit(),
    ];
    let mut rows = db.query(Retry::Safe, &statement, params).await?.into_iter();
    read_list(admit_anybody(rows.next())?, rows, read_entry)
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

/// Deletes up to `most` entries that are older than `days`, the oldest first. Returns their number. Only the
/// owner of the table may do this.
pub async fn delete_older(db: &Database, days: i32, most: i64) -> Result<i64> {
    let statement = "-- audit_log::delete_older
        with old as (
            delete from audit_log where id in (
                select e.id from audit_log e where e.at < now() - make_interval(days => $1) order by e.at limit $2
            )
            returning 1
        )
        select count(*) from old";
    let row = db.query_one(Retry::Safe, statement, &[/* $1 */ &days, /* $2 */ &most]).await?;
    row.try_get(0).map_err(Error::from)
}
