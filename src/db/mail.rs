//! SQL statements for the outbox, and the part of other statements that adds a mail to it.

use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::param::Params;
use super::{Database, Retry, read_enum};
use crate::id::MailId;
use crate::language::Language;
use crate::limits::{FIRST_MAIL_PAUSE, MAIL_LEASE, MAX_MAIL_PAUSE};
use crate::mail::{Kind, Mail};
use crate::token::TokenHash;
use crate::{Error, Result};

/// The most rows that one statement drops.
const DROP_BATCH: i64 = 1_000;

/// The SQL expressions of a mail's columns.
pub(super) struct MailSql<'a> {
    /// The kind of the mail.
    pub kind: Kind,
    /// The mail's id: `gen_random_uuid()`, unless another part of the statement needs the id.
    pub id: &'a str,
    /// The account that the mail is about.
    pub user: &'a str,
    /// The e-mail address of the recipient.
    pub address: &'a str,
    /// More for the text of the mail, as `jsonb` ([`Details`](crate::mail::Details)). It has no secrets.
    pub details: &'a str,
    /// The rows for each of which a mail is added: a part of the same statement, and conditions if needed,
    /// such as `ended e where e.reused`.
    pub from: &'a str,
}

impl MailSql<'_> {
    /// Returns SQL that adds a mail for each row.
    pub(super) fn insert(&self) -> String {
        let Self { kind, id, user, address, details, from } = self;
        let (kind, lifetime_s) = (kind.as_str(), kind.lifetime_s());
        format!(
            "insert into mails (id, kind, user_id, address, details, expires_at)
            select {id}, '{kind}', {user}, {address}, {details}, now() + interval '{lifetime_s} seconds'
            from {from}"
        )
    }
}

/// Returns SQL that tells the owners of accounts by mail what was done. `accounts` is a part of the statement
/// with the columns `id` and `email`. `address` is the number of the parameter with the network address of
/// the request, such as `$3`.
pub(super) fn tell_sql(kind: Kind, accounts: &str, address: &str) -> String {
    MailSql {
        kind,
        id: "gen_random_uuid()",
        user: "t.id",
        address: "t.email",
        details: &format!("jsonb_build_object('address', {address})"),
        from: &format!("{accounts} t"),
    }
    .insert()
}

/// Claims the mail that is due first, for [`MAIL_LEASE`], and stores the hash of the token that the worker
/// has made for the link in it. The hash is not stored if the kind of the mail has no link. Returns `None` if
/// no mail is due.
///
/// A worker that was killed leaves the mail claimed, and another worker sends it once the lease is over. The
/// tokens of earlier attempts stay valid, because a mail that seemed to fail may have arrived.
///
/// Mails about nobody, and about accounts that are gone, are left to [`drop_expired`].
pub async fn claim(db: &Database, token: &TokenHash) -> Result<Option<Mail>> {
    let statement = "-- mail::claim
        with due as (
            select m.id, u.language from mails m join users u on u.id = m.user_id
            where m.due_at <= now() and m.expires_at > now() and m.kind = any($3)
            order by m.due_at limit 1 for update of m skip locked
        ), claimed as (
            update mails m set attempts = m.attempts + 1, due_at = now() + make_interval(secs => $2)
            from due where m.id = due.id
            returning m.*, due.language
        ), reset as (
            insert into password_resets (token_hash, user_id, expires_at)
            select $1, c.user_id, c.expires_at from claimed c where c.kind = $4
        ), verification as (
            insert into email_verifications (token_hash, mail_id, user_id, expires_at)
            select $1, c.id, c.user_id, c.expires_at from claimed c where c.kind = $5
        )
        select * from claimed";
    let params: Params<'_> = &[
        /* $1 */ &token,
        /* $2 */ &MAIL_LEASE.as_secs_f64(),
        /* $3 */ &known_kinds(),
        /* $4 */ &Kind::PasswordReset.as_str(),
        /* $5 */ &Kind::VerifyAddress.as_str(),
    ];
    // The statement is not sent again if its answer is lost: it would claim another mail.
    db.query_opt(Retry::Never, statement, params).await?.as_ref().map(read_mail).transpose()
}

fn known_kinds() -> Vec<&'static str> {
    Kind::ALL.iter().map(|kind| kind.as_str()).collect()
}

fn read_mail(row: &Row) -> Result<Mail> {
    Ok(Mail {
        id: row.try_get("id")?,
        kind: read_enum(row, "kind")?.ok_or_else(|| Error::Database("a mail has no kind".into()))?,
        user: row.try_get("user_id")?,
        address: row.try_get("address")?,
        language: Language::from_name(row.try_get("language")?),
        details: row.try_get::<_, Json<_>>("details")?.0,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
        attempts: row.try_get("attempts")?,
    })
}

/// Removes a mail that was sent, or that was refused for good.
pub async fn remove(db: &Database, id: MailId) -> Result<()> {
    let statement = "-- mail::remove
        delete from mails where id = $1";
    db.query(Retry::Safe, statement, &[/* $1 */ &id]).await.map(drop)
}

/// Puts off a mail that was not sent. The pause grows with each attempt. Does nothing if another worker has
/// begun an attempt since, because the lease of this one is over.
pub async fn postpone(db: &Database, mail: &Mail) -> Result<()> {
    let statement = "-- mail::postpone
        update mails set due_at = now() + make_interval(secs => least($3 * power(2, least($2 - 1, 20)), $4))
        where id = $1 and attempts = $2";
    let params: Params<'_> = &[
        /* $1 */ &mail.id,
        /* $2 */ &mail.attempts,
        /* $3 */ &FIRST_MAIL_PAUSE.as_secs_f64(),
        /* $4 */ &MAX_MAIL_PAUSE.as_secs_f64(),
    ];
    db.query(Retry::Safe, statement, params).await.map(drop)
}

/// The state of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outbox {
    /// The mails that this statement has dropped, because their time was over.
    pub dropped: i64,
    /// The age of the oldest mail that waits, in seconds. 0 if none waits.
    pub oldest_s: i64,
}

/// Drops mails whose time is over, mails to nobody, and the tokens of links that have expired.
pub async fn drop_expired(db: &Database) -> Result<Outbox> {
    let statement = "-- mail::drop_expired
        with dropped as (
            delete from mails where id in (
                select m.id from mails m where m.expires_at <= now() or m.user_id is null
                order by m.id limit $1 for update skip locked
            )
            returning user_id
        ), resets as (
            delete from password_resets where token_hash in (
                select r.token_hash from password_resets r where r.expires_at <= now()
                order by r.token_hash limit $1 for update skip locked
            )
        ), verifications as (
            delete from email_verifications where token_hash in (
                select v.token_hash from email_verifications v where v.expires_at <= now()
                order by v.token_hash limit $1 for update skip locked
            )
        )
        select (select count(*) from dropped where user_id is not null) as dropped, coalesce((
            select extract(epoch from now() - min(m.created_at))::bigint from mails m
            where m.expires_at > now() and m.user_id is not null
        ), 0) as oldest_s";
    let row = db.query_one(Retry::Safe, statement, &[/* $1 */ &DROP_BATCH]).await?;
    Ok(Outbox { dropped: row.try_get("dropped")?, oldest_s: row.try_get("oldest_s")? })
}
