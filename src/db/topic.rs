//! SQL statements for topics. If the name of a new or renamed topic is taken, a trigger skips the row
//! (migrations 0004 and 0006).

use tokio_postgres::Row;

use super::audit_log::EntrySql;
use super::param::Params;
use super::standing::{admit_admin, admit_anybody};
use super::{Database, Retry, read_list};
use crate::audit_log::Action;
use crate::auth::User;
use crate::id::{TopicId, UserId};
use crate::page::PageRequest;
use crate::topic::{Namespace, NewTopic, Topic, TopicChange, TopicName};
use crate::visit::Visit;
use crate::{Error, Result};

/// Creates a topic, if the user has fewer than `most` own topics. The user's row is locked before the topics
/// are counted. Administrators create system topics, which have no limit.
///
/// # Errors
/// [`Error::TopicExists`] if a topic with this name exists already. [`Error::TooManyTopics`] if the user has
/// as many topics as allowed.
pub async fn create(
    db: &Database,
    user: User,
    namespace: Namespace,
    new: &NewTopic,
    most: u32,
    visit: &Visit,
) -> Result<Topic> {
    let logged = entry(Action::TopicCreated, "made e where $6").insert("$9", "$10");
    let statement = format!(
        "-- topic::create
        with account as materialized (
            select id, standing from callers where id = $1 and session_id = $8 for no key update
        ), held as materialized (
            select not $6 and own_topics($1) >= $5 as is_full from account
            where standing = 'admin' or standing = 'user' and not $6
        ), made as (
            insert into topics (id, user_id, name, name_key, description)
            select $2, case when not $6 then $1 end, $3, $7, $4 from held where not is_full
            on conflict do nothing
            returning *
        ), logged as (
            {logged}
        )
        select a.standing, h.is_full, m.* from account a left join held h on true left join made m on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &TopicId::new(),
        /* $3 */ &new.name.as_str(),
        /* $4 */ &new.description.as_str(),
        /* $5 */ &i64::from(most),
        /* $6 */ &is_system(namespace),
        /* $7 */ &new.name.key(),
        /* $8 */ &user.session,
        /* $9 */ &visit.address_text(),
        /* $10 */ &visit.request_id,
    ];
    let row = admit(namespace, db.query_opt(Retry::Never, &statement, params).await?)?;
    if row.try_get("is_full")? {
        return Err(Error::TooManyTopics(most));
    }
    topic_if_written(&row)
}

/// Reads a page of the topics that the caller sees in this namespace, newest first. `counts` says whether
/// each has the number of the caller's documents. Administrators have no documents.
pub async fn list(
    db: &Database,
    user: User,
    namespace: Namespace,
    paging: &PageRequest,
    counts: bool,
) -> Result<Vec<Topic>> {
    let statement = "-- topic::list
        select c.standing, t.*, case when $7 and c.standing = 'user' then (
            select count(*) from document_topics dt
            where dt.user_id = $1 and dt.topic_id = t.id and not dt.dismissed
        ) end as documents
        from callers c left join lateral (
            select * from topics t
            where (t.user_id is null or t.user_id = c.id and not $2)
                and ($3::timestamptz is null or (t.created_at, t.id) < ($3, $4))
            order by t.created_at desc, t.id desc
            limit $5
        ) t on true
        where c.id = $1 and c.session_id = $6
        order by t.created_at desc, t.id desc";
    let after = paging.after();
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &is_system(namespace),
        /* $3 */ &after.map(|place| place.created_at),
        /* $4 */ &after.map(|place| place.id),
        /* $5 */ &paging.read_limit(),
        /* $6 */ &user.session,
        /* $7 */ &counts,
    ];
    let mut rows = db.query(Retry::Safe, statement, params).await?.into_iter();
    let read = |row: &Row| Ok(Topic { documents: row.try_get("documents")?, ..read_topic(row)? });
    read_list(admit(namespace, rows.next())?, rows, read)
}

/// Changes a topic of the namespace. Fields that are absent from `change` stay as they are.
///
/// # Errors
/// [`Error::NotFound`] if the namespace has no such topic. [`Error::TopicExists`] if another topic has the
/// new name.
pub async fn change(
    db: &Database,
    user: User,
    namespace: Namespace,
    id: TopicId,
    change: &TopicChange,
    visit: &Visit,
) -> Result<Topic> {
    let logged = entry(Action::TopicChanged, "changed e where $5").insert("$8", "$9");
    let statement = format!(
        "-- topic::change
        with account as (
            select id, standing from callers where id = $1 and session_id = $7
        ), found as materialized (
            select t.id from topics t join account a on t.user_id is not distinct from case when not $5 then a.id end
            where t.id = $2 and (a.standing = 'admin' or a.standing = 'user' and not $5)
            for no key update of t
        ), changed as (
            update topics t set name = coalesce($3, t.name), name_key = coalesce($6, t.name_key),
                description = coalesce($4, t.description)
            from found f where t.id = f.id
            returning t.*
        ), logged as (
            {logged}
        )
        select a.standing, f.id as found, c.*
        from account a left join found f on true left join changed c on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &id,
        /* $3 */ &change.name.as_ref().map(|name| name.as_str()),
        /* $4 */ &change.description.as_ref().map(|text| text.as_str()),
        /* $5 */ &is_system(namespace),
        /* $6 */ &change.name.as_ref().map(TopicName::key),
        /* $7 */ &user.session,
        /* $8 */ &visit.address_text(),
        /* $9 */ &visit.request_id,
    ];
    let row = admit(namespace, db.query_opt(Retry::Safe, &statement, params).await?)?;
    row.try_get::<_, Option<TopicId>>("found")?.ok_or(Error::NotFound)?;
    topic_if_written(&row)
}

/// Deletes a topic of the namespace, and removes it from all documents.
///
/// # Errors
/// [`Error::NotFound`] if the namespace has no such topic.
pub async fn delete(
    db: &Database,
    user: User,
    namespace: Namespace,
    id: TopicId,
    visit: &Visit,
) -> Result<()> {
    let logged = entry(Action::TopicRemoved, "removed e where $3").insert("$5", "$6");
    let statement = format!(
        "-- topic::delete
        with account as (
            select id, standing from callers where id = $1 and session_id = $4
        ), removed as (
            delete from topics t using account a
            where t.id = $2 and t.user_id is not distinct from case when not $3 then a.id end
                and (a.standing = 'admin' or a.standing = 'user' and not $3)
            returning t.id
        ), logged as (
            {logged}
        )
        select a.standing, r.id from account a left join removed r on true"
    );
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &id,
        /* $3 */ &is_system(namespace),
        /* $4 */ &user.session,
        /* $5 */ &visit.address_text(),
        /* $6 */ &visit.request_id,
    ];
    let row = admit(namespace, db.query_opt(Retry::Never, &statement, params).await?)?;
    row.try_get::<_, Option<TopicId>>("id")?.map(drop).ok_or(Error::NotFound)
}

/// An entry about a topic of the namespace for all users. Own topics are not logged: they concern nobody
/// else.
const fn entry(action: Action, from: &str) -> EntrySql<'_> {
    EntrySql { action, actor: "$1", target: "e.id", details: "'{}'::jsonb", from }
}

fn is_system(namespace: Namespace) -> bool {
    namespace == Namespace::System
}

fn admit(namespace: Namespace, row: Option<Row>) -> Result<Row> {
    match namespace {
        Namespace::Own => admit_anybody(row),
        Namespace::System => admit_admin(row),
    }
}

/// Reads the topic that the statement wrote.
///
/// # Errors
/// [`Error::TopicExists`] if the statement wrote none, because the name is taken.
fn topic_if_written(row: &Row) -> Result<Topic> {
    row.try_get::<_, Option<TopicId>>("id")?.ok_or(Error::TopicExists)?;
    read_topic(row)
}

fn read_topic(row: &Row) -> Result<Topic> {
    Ok(Topic {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        system: row.try_get::<_, Option<UserId>>("user_id")?.is_none(),
        created_at: row.try_get("created_at")?,
        documents: None,
    })
}
