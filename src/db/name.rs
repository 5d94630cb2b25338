//! Statements about the keys of names that were written without them (migration 0006). Called by the owner of the schema.

use super::param::Params;
use super::{Database, Retry};
use crate::Result;
use crate::id::{DocumentId, TopicId, UserId};

/// A topic's name, and its key as far as there is one.
pub struct Keyed {
    /// Whose.
    pub id: TopicId,
    /// As it is shown.
    pub name: String,
    /// As the database has it.
    pub key: Option<String>,
}

/// A file's name.
pub struct File {
    /// Whose.
    pub id: DocumentId,
    /// The document's owner.
    pub owner: UserId,
    /// As it was uploaded.
    pub name: String,
}

/// What a file is searched by.
pub struct Searched {
    /// Whose.
    pub id: DocumentId,
    /// Of its name.
    pub key: String,
    /// Of the key.
    pub grams: Vec<i32>,
}

/// So many files whose names have no key.
pub async fn filenames_without_key(db: &Database, most: i64) -> Result<Vec<File>> {
    let statement = "-- name::filenames_without_key
        select id, user_id, filename from documents where filename_key is null order by id limit $1";
    let rows = db.query(Retry::Safe, statement, &[/* $1 */ &most]).await?;
    rows.iter()
        .map(|row| Ok(File { id: row.try_get(0)?, owner: row.try_get(1)?, name: row.try_get(2)? }))
        .collect()
}

/// Writes what files are searched by. Rows are locked in order: two that do this at once wait for one another.
pub async fn key_filenames(db: &Database, files: Vec<Searched>) -> Result<()> {
    let statement = "-- name::key_filenames
        with held as materialized (
            select d.id from documents d where d.id = any($1) order by d.id for no key update
        )
        update documents d set filename_key = k.key, filename_grams = k.grams::integer[]
        from held h join unnest($1, $2, $3) k (id, key, grams) on k.id = h.id
        where d.id = h.id";
    // A list of lists would have to be a rectangle: each list of grams is sent as Postgres writes it.
    let written = |file: &Searched| format!("{:?}", file.grams).replace('[', "{").replace(']', "}");
    let grams: Vec<_> = files.iter().map(written).collect();
    let (ids, keys): (Vec<_>, Vec<_>) = files.into_iter().map(|file| (file.id, file.key)).unzip();
    let params: Params<'_> = &[/* $1 */ &ids, /* $2 */ &keys, /* $3 */ &grams];
    db.query(Retry::Safe, statement, params).await.map(drop)
}

/// So many topics after this one, the system's or users' own, by age.
pub async fn topics(db: &Database, system: bool, after: Option<TopicId>, most: i64) -> Result<Vec<Keyed>> {
    let statement = "-- name::topics
        select id, name, name_key from topics
        where (user_id is null) = $1 and ($2::uuid is null or id > $2)
        order by id
        limit $3";
    let params: Params<'_> = &[/* $1 */ &system, /* $2 */ &after, /* $3 */ &most];
    let rows = db.query(Retry::Safe, statement, params).await?;
    rows.iter()
        .map(|row| Ok(Keyed { id: row.try_get(0)?, name: row.try_get(1)?, key: row.try_get(2)? }))
        .collect()
}

/// Writes a topic's key, or has the topic that has it take this one's place.
pub async fn key_topic(db: &Database, topic: TopicId, name: &str, key: &str) -> Result<()> {
    let statement = "-- name::key_topic
        select topics_rekey($1, $2, $3)";
    let params: Params<'_> = &[/* $1 */ &topic, /* $2 */ &name, /* $3 */ &key];
    db.query(Retry::Safe, statement, params).await.map(drop)
}
