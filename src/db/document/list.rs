//! Lists of documents. Each kind of filter has its own statement, which reads the index that fits it.

use super::super::param::Params;
use super::super::standing::admit_user;
use super::super::{Database, Retry, read_list};
use super::row::{DOCUMENT_COLUMNS, JOIN_TOPICS, read_document};
use crate::Result;
use crate::auth::User;
use crate::document::{Document, Filter, Status};
use crate::file::grams;
use crate::page::PageRequest;

/// The condition that a document `d` has the requested status. Pending documents are listed only if the
/// request asks for them.
const STATUS_CONDITION: &str = "case when $2::text is null then d.status <> 'pending' else d.status = $2 end";

/// The number of newest documents that a search for a part of a filename reads before it uses the index of
/// grams.
const RECENT: u32 = 8_000;

/// Lists documents without a filter, or by status. The planner knows the values of the parameters, so a
/// condition on a null parameter costs nothing.
fn select_newest() -> String {
    format!(
        "
    select {DOCUMENT_COLUMNS} from document_access d
    where d.account_id = $1
        and {STATUS_CONDITION}
        and ($3::timestamptz is null or (d.created_at, d.id) < ($3, $4))
    order by d.created_at desc, d.id desc
    limit $5"
    )
}

/// Lists documents by topic, and also by a part of the filename if the request has one.
///
/// All other statements that read documents for an account use the view `document_access`. This one reads the
/// account's rows of `document_topics` instead, in the order of their index, which is the order of the list,
/// and stops at the end of the page. With the view, it would have to compare the view's account as well, and
/// the planner would then sort all documents of the topic (`tests/migrations/access_plans.rs`).
fn select_by_topic() -> String {
    format!(
        "
    select {DOCUMENT_COLUMNS} from document_topics dt join documents d on d.id = dt.document_id
    where dt.user_id = $1 and dt.topic_id = $6 and not dt.dismissed
        and {STATUS_CONDITION}
        and ($3::timestamptz is null or (dt.created_at, dt.document_id) < ($3, $4))
        and ($7::text is null or d.filename_grams @> $8 and position($7 in d.filename_key) > 0)
    order by dt.created_at desc, dt.document_id desc
    limit $5"
    )
}

/// Lists documents by a part of the filename. The newest [`RECENT`] documents are searched first, because
/// they fill a page if many filenames contain the part. The index of grams is read only if they do not. If
/// the planner chose the order, it would take the five grams of a frequent word for five independent
/// conditions, and read a hundred thousand names to find fifty.
fn select_by_filename() -> String {
    format!(
        "
    with near as materialized (
        select d.id from (
            select d.id, d.created_at, d.filename_key from document_access d
            where d.account_id = $1
                and {STATUS_CONDITION}
                and ($3::timestamptz is null or (d.created_at, d.id) < ($3, $4))
            order by d.created_at desc, d.id desc
            limit {RECENT}
        ) d
        where position($7 in d.filename_key) > 0
        order by d.created_at desc, d.id desc
        limit $5
    ), enough as materialized (
        select count(*) >= $5 as so from near
    ), hits as materialized (
        select d.id from document_access d
        where not (select so from enough) and d.account_id = $1
            and {STATUS_CONDITION}
            and ($3::timestamptz is null or (d.created_at, d.id) < ($3, $4))
            and d.filename_grams @> $8 and position($7 in d.filename_key) > 0
        order by d.created_at desc, d.id desc
        limit $5
    )
    select {DOCUMENT_COLUMNS} from documents d join (
        select id from near where (select so from enough) union all select id from hits
    ) page on page.id = d.id"
    )
}

/// Reads a page of the user's documents, newest first.
pub async fn list(db: &Database, user: User, filter: &Filter, paging: &PageRequest) -> Result<Vec<Document>> {
    let page = match filter {
        Filter { topic: Some(_), .. } => select_by_topic(),
        Filter { q: Some(_), .. } => select_by_filename(),
        _ => select_newest(),
    };
    // The account has a row even if it has no documents. So an empty list differs from an unknown account.
    let statement = format!(
        "-- document::list
        select c.standing, d.*, t.*
        from callers c left join lateral ({page}) d on true
        {JOIN_TOPICS}
        where c.id = $1 and c.session_id = $9
        order by d.created_at desc, d.id desc"
    );
    let (after, part) = (paging.after(), filter.q.as_deref());
    let params: Params<'_> = &[
        /* $1 */ &user.id,
        /* $2 */ &filter.status.map(Status::as_str),
        /* $3 */ &after.map(|place| place.created_at),
        /* $4 */ &after.map(|place| place.id),
        /* $5 */ &paging.read_limit(),
        /* $6 */ &filter.topic,
        /* $7 */ &part,
        /* $8 */ &part.map(|part| grams::from_search(user.id, part)),
        /* $9 */ &user.session,
    ];
    let mut rows = db.query(Retry::Safe, &statement, params).await?.into_iter();
    read_list(admit_user(rows.next())?, rows, read_document)
}
