//! The SQL statement that reads an export.

use super::audit_log::{OWN_COLUMNS, own_entries};
use super::param::Params;
use super::standing::admit_anybody;
use super::{Database, Retry};
use crate::auth::User;
use crate::export::Start;
use crate::page::Position;
use crate::{Error, Result};

/// A record of an export, as JSON.
pub struct Row {
    /// The kind of the record: its place in `KINDS`.
    pub kind: usize,
    /// The position of the record among those of its kind.
    pub position: Position,
    /// The record.
    pub data: String,
}

/// The columns of the account `u`, and its quota.
const ACCOUNT: &str =
    "u.id, u.email, u.role, u.active, u.password_must_change, u.password_expires_at, u.language, u.unverified,
    u.new_email, u.totp_enabled, u.last_totp_step, u.ai_provider, u.ai_model, u.created_at, u.last_login_at,
    (select count(*) from backup_codes b where b.user_id = u.id and b.used_at is null) as backup_codes_left,
    (select to_jsonb(q) from (
        select q.used_bytes, q.limit_bytes from quotas q where q.user_id = u.id
    ) q) as quota";

/// A kind of records of the account `c`, as parts of an SQL statement.
struct Kind {
    /// The columns of a record. Among them are `id` and the column `at`.
    columns: &'static str,
    /// The tables and the condition.
    from: String,
    /// The column by whose time the records are sorted.
    at: &'static str,
    /// The expression of the column `id`, which makes the order total.
    id: &'static str,
}

/// Returns the kinds, in the order of their numbers.
fn kinds() -> [Kind; 7] {
    let kind = |columns, from: &str, at, id| Kind { columns, from: from.to_owned(), at, id };
    let entries = own_entries(&behind(4, "e.at", "e.id"), "asc", "$6");
    [
        kind(
            "d.id, d.filename, d.content_type, d.size_bytes, d.sha256, d.storage_backend, d.object_key, d.status,
            d.created_at, d.url_expires_at, d.event_at, d.confirmed_at, d.attempts, d.failure_code,
            d.failure_message, d.failure_provider, d.failure_model, d.failure_images_sent, d.ai_provider,
            d.ai_model, d.prompt_version, d.truncated, d.without_text, d.unread_format, d.pages,
            d.pages_without_text, d.images_sent, d.classified_at, coalesce((
                select jsonb_agg(to_jsonb(l) order by l.name) from (
                    select t.topic_id, n.name, t.manual, t.dismissed, t.confidence
                    from document_topics t join topics n on n.id = t.topic_id where t.document_id = d.id
                ) l
            ), '[]') as topics",
            "document_access d where d.account_id = c.id and d.access = 'owner'",
            "d.created_at",
            "d.id",
        ),
        kind(
            "t.id, t.name, t.description, t.suggested_by, t.created_at",
            "topics t where t.user_id = c.id",
            "t.created_at",
            "t.id",
        ),
        kind(
            "s.id, s.created_at, s.last_used_at, s.address, s.user_agent, s.expires_at, s.ends_at, s.ended_at,
            s.owes_factor, s.passkey_id",
            "sessions s where s.user_id = c.id",
            "s.created_at",
            "s.id",
        ),
        // A device has no id but the hash of its token.
        kind(
            "md5(v.token_hash)::uuid as id, v.created_at, v.last_used_at",
            "devices v where v.user_id = c.id",
            "v.created_at",
            "md5(v.token_hash)::uuid",
        ),
        Kind { columns: OWN_COLUMNS, from: format!("({entries}) e where true"), at: "e.at", id: "e.id" },
        kind(
            "m.id, m.kind, m.address, m.details, m.created_at, m.due_at, m.attempts, m.expires_at",
            // A mail to another address would tell whether that address has an account.
            "mails m join users w on w.id = m.user_id where m.user_id = c.id and m.address = w.email",
            "m.created_at",
            "m.id",
        ),
        kind(
            "p.id, p.name, p.sign_count, p.created_at, p.last_used_at",
            "passkeys p where p.user_id = c.id",
            "p.created_at",
            "p.id",
        ),
    ]
}

/// Returns the condition that a record of this kind is behind the beginning of the page. The planner knows
/// the values of the parameters, so it leaves out kinds that end before the page.
fn behind(kind: usize, at: &str, id: &str) -> String {
    format!("($3 < {kind} or $3 = {kind} and ($4::timestamptz is null or ({at}, {id}) > ($4, $5)))")
}

/// Returns SQL that reads up to `$6` records of this kind behind the beginning of the page.
fn select((number, kind): (usize, &Kind)) -> String {
    let Kind { columns, from, at, id } = kind;
    let behind = behind(number, at, id);
    let column = at.split_once('.').map_or(*at, |(_, column)| column);
    format!(
        "(select {number} as kind, r.{column} as at, r.id, to_jsonb(r)::text as data from (
            select {columns} from {from} and {behind} order by {at}, {id} limit $6
        ) r)"
    )
}

/// Reads the account as JSON, and up to `limit + 1` records behind the beginning of the page.
pub async fn read(db: &Database, user: User, start: &Start) -> Result<(String, Vec<Row>)> {
    let records = kinds().iter().enumerate().map(select).collect::<Vec<_>>().join(" union all ");
    let statement = format!(
        "-- export::read
        select c.standing, r.*
        from callers c cross join lateral (
            select -1 as kind, u.created_at as at, u.id, to_jsonb(u)::text as data
            from (select {ACCOUNT} from users u where u.id = c.id) u
            union all
            (select * from ({records}) r order by r.kind, r.at, r.id limit $6)
        ) r
        where c.id = $1 and c.session_id = $2
        order by r.kind, r.at, r.id"
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &user.session,
        /* $3 */ &i32::try_from(start.kind).map_err(Error::internal)?,
        /* $4 */ &start.after.map(|place| place.created_at),
        /* $5 */ &start.after.map(|place| place.id),
        /* $6 */ &i64::try_from(start.limit + 1).map_err(Error::internal)?,
    ];
    let mut rows = db.query(Retry::Safe, &statement, params).await?.into_iter();
    let account = admit_anybody(rows.next())?;
    Ok((account.try_get("data")?, rows.map(|row| read_row(&row)).collect::<Result<_>>()?))
}

fn read_row(row: &tokio_postgres::Row) -> Result<Row> {
    Ok(Row {
        kind: usize::try_from(row.try_get::<_, i32>("kind")?).map_err(Error::internal)?,
        position: Position { created_at: row.try_get("at")?, id: row.try_get("id")? },
        data: row.try_get("data")?,
    })
}
