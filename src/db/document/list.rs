//! Lists of documents: one statement, whose pages come from the index that fits the filters.

use super::super::param::Params;
use super::super::standing::admit_user;
use super::super::{Database, Retry, read_list};
use super::{SHOWN, document};
use crate::Result;
use crate::document::{Document, Filter, Status};
use crate::file::grams;
use crate::id::UserId;
use crate::page::Paging;

/// Whether a document `d` has the status that is asked for; unless it is asked for, it is not pending.
const OF_STATUS: &str = "case when $2::text is null then d.status <> 'pending' else d.status = $2 end";

/// The page of those documents: newest first, after the cursor. The planner knows the parameters: what is null is not there for it.
fn newest() -> String {
    format!(
        "
    select {SHOWN} from documents d
    where d.user_id = $1
        and {OF_STATUS}
        and ($3::timestamptz is null or (d.created_at, d.id) < ($3, $4))
    order by d.created_at desc, d.id desc
    limit $5"
    )
}

/// Those with a topic, and perhaps with a part in their names. The topic's own rows have the order.
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

/// Those with a part in their names. A part that many names have is found among the newest 8,000 documents; only where these do not fill
/// the page are all that have its grams looked up. Left to itself, the planner takes five grams of one common word for five
/// coincidences, and reads a hundred thousand names to sort out fifty.
fn by_name() -> String {
    format!(
        "
    with near as materialized (
        select d.id from (
            select d.id, d.created_at, d.filename_key from documents d
            where d.user_id = $1
                and {OF_STATUS}
                and ($3::timestamptz is null or (d.created_at, d.id) < ($3, $4))
            order by d.created_at desc, d.id desc
            limit 8000
        ) d
        where position($7 in d.filename_key) > 0
        order by d.created_at desc, d.id desc
        limit $5
    ), enough as materialized (
        select count(*) >= $5 as so from near
    ), hits as materialized (
        select d.id from documents d
        where not (select so from enough) and d.user_id = $1
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

/// The user's documents, newest first.
pub async fn list(db: &Database, user: UserId, filter: &Filter, paging: &Paging) -> Result<Vec<Document>> {
    let page = match filter {
        Filter { topic: Some(_), .. } => by_topic(),
        Filter { q: Some(_), .. } => by_name(),
        _ => newest(),
    };
    // The account's row is there also where no document is, so that an empty list and a stranger are told apart.
    let statement = format!(
        "-- document::list
        select u.standing, d.*
        from users u left join lateral ({page}) d on true
        where u.id = $1
        order by d.created_at desc, d.id desc"
    );
    let (after, part) = (paging.after(), filter.q.as_deref());
    let params: Params<'_> = &[
        /* $1 */ &user,
        /* $2 */ &filter.status.map(Status::as_str),
        /* $3 */ &after.map(|place| place.created_at),
        /* $4 */ &after.map(|place| place.id),
        /* $5 */ &paging.most(),
        /* $6 */ &filter.topic,
        /* $7 */ &part,
        /* $8 */ &part.map(|part| grams::of_part(user, part)),
    ];
    let mut rows = db.query(Retry::Safe, &statement, params).await?.into_iter();
    read_list(admit_user(rows.next())?, rows, document)
}
