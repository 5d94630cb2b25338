//! Lists of documents. Each combination of filters has a statement that reads the index which fits it.

use super::super::param::Params;
use super::super::standing::admit_user;
use super::super::{Database, Retry, read_list};
use super::{SHOWN, WITH_TOPICS, read_document};
use crate::Result;
use crate::document::{Document, Filter, Status};
use crate::file::grams;
use crate::id::UserId;
use crate::page::Paging;

/// Whether a document `d` has the status that the request asks for. Pending documents are listed only on
/// request.
const OF_STATUS: &str = "case when $2::text is null then d.status <> 'pending' else d.status = $2 end";

/// How many of the newest documents are searched for a part of a name before the index of grams is.
const RECENT: u32 = 8_000;

/// Documents without a filter or by status. The planner knows the values of the parameters, so that a
/// condition on a null one costs nothing.
fn newest() -> String {
    format!(
        "
    select {SHOWN} from document_access d
    where d.account_id = $1
        and {OF_STATUS}
        and ($3::timestamptz is null or (d.created_at, d.id) < ($3, $4))
    order by d.created_at desc, d.id desc
    limit $5"
    )
}

/// Documents with a topic, perhaps also with a part of their names.
///
/// This statement alone does not read `document_access`. It reads the account's rows of `document_topics`,
/// whose index has the order of the list, and stops at the end of the page. With the comparison of the view,
/// the planner sorts all documents of the topic (`tests/migrations/access_plans.rs`).
fn by_topic() -> String {
    format!(
        "
    select {SHOWN} from document_topics dt join documents d on d.id = dt.document_id
    where dt.user_id = $1 and dt.topic_id = $6 and not dt.dismissed
        and {OF_STATUS}
        and ($3::timestamptz is null or (dt.created_at, dt.document_id) < ($3, $4))
        and ($7::text is null or d.filename_grams @> $8 and position($7 in d.filename_key) > 0)
    order by dt.created_at desc, dt.document_id desc
    limit $5"
    )
}

/// Documents with a part of their names. A common part is found among the newest [`RECENT`] documents. Only
/// if these do not fill the page, the index of grams is read. Left to itself, the planner takes the five
/// grams of one common word for five independent conditions, and reads a hundred thousand names to find
/// fifty.
fn by_name() -> String {
    format!(
        "
    with near as materialized (
        select d.id from (
            select d.id, d.created_at, d.filename_key from document_access d
            where d.account_id = $1
                and {OF_STATUS}
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
            and {OF_STATUS}
            and ($3::timestamptz is null or (d.created_at, d.id) < ($3, $4))
            and d.filename_grams @> $8 and position($7 in d.filename_key) > 0
        order by d.created_at desc, d.id desc
        limit $5
    )
    select {SHOWN} from documents d join (
        select id from near where (select so from enough) union all select id from hits
    ) page on page.id = d.id"
    )
}

/// Reads a page of the user's documents, newest first.
pub async fn list(db: &Database, user: UserId, filter: &Filter, paging: &Paging) -> Result<Vec<Document>> {
    let page = match filter {
        Filter { topic: Some(_), .. } => by_topic(),
        Filter { q: Some(_), .. } => by_name(),
        _ => newest(),
    };
    // The account has a row even if it has no document: that tells an empty list from an unknown account.
    let statement = format!(
        "-- document::list
        select u.standing, d.*, t.*
        from users u left join lateral ({page}) d on true
        {WITH_TOPICS}
        where u.id = $1
        order by d.created_at desc, d.id desc"
    );
    let (after, part) = (paging.after(), filter.q.as_deref());
    let params: Params<'_> = &[
        /* $1 */ &user,
        /* $2 */ &filter.status.map(Status::as_str),
        /* $3 */ &after.map(|place| place.created_at),
        /* $4 */ &after.map(|place| place.id),
        /* $5 */ &paging.read_limit(),
        /* $6 */ &filter.topic,
        /* $7 */ &part,
        /* $8 */ &part.map(|part| grams::from_search(user, part)),
    ];
    let mut rows = db.query(Retry::Safe, &statement, params).await?.into_iter();
    read_list(admit_user(rows.next())?, rows, read_document)
}
