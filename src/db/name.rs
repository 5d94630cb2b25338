//! Statements about the keys of names that were written without them (migration 0006). Called by the owner of the schema.

use tokio_postgres::types::Type;

use super::{Database, Param, Repeat};
use crate::Result;
use crate::id::{DocumentId, TopicId};

/// A topic's name, and its key as far as there is one.
pub struct Keyed {
    /// Whose.
    pub id: TopicId,
    /// As it is shown.
    pub name: String,
    /// As the database has it.
    pub key: Option<String>,
}

/// So many files whose names have no key.
pub async fn filenames_without_key(db: &Database, most: i64) -> Result<Vec<(DocumentId, String)>> {
    let statement = "-- name::filenames_without_key
        select id, filename from documents where filename_key is null order by id limit $1";
    let rows = db.query(Repeat::Safe, statement, &[(&most, Type::INT8)]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Writes the keys of files' names. Rows are locked in order: two that do this at once wait for one another.
pub async fn key_filenames(db: &Database, ids: &[DocumentId], keys: &[String]) -> Result<()> {
    let statement = "-- name::key_filenames
        with held as materialized (
            select d.id from documents d where d.id = any($1) order by d.id for no key update
        )
        update documents d set filename_key = k.key
        from held h join unnest($1, $2) k (id, key) on k.id = h.id
        where d.id = h.id";
    let params: [Param<'_>; 2] = [(&ids, Type::UUID_ARRAY), (&keys, Type::TEXT_ARRAY)];
    db.query(Repeat::Safe, statement, &params).await.map(drop)
}

/// So many topics after this one, the system's or users' own, by age.
pub async fn topics(db: &Database, system: bool, after: Option<TopicId>, most: i64) -> Result<Vec<Keyed>> {
    let statement = "-- name::topics
        select id, name, name_key from topics
        where (user_id is null) = $1 and ($2::uuid is null or id > $2)
        order by id
        limit $3";
    let params: [Param<'_>; 3] = [(&system, Type::BOOL), (&after, Type::UUID), (&most, Type::INT8)];
    let rows = db.query(Repeat::Safe, statement, &params).await?;
    rows.iter()
        .map(|row| Ok(Keyed { id: row.try_get(0)?, name: row.try_get(1)?, key: row.try_get(2)? }))
        .collect()
}

/// Writes a topic's key, or has the topic that has it take this one's place.
pub async fn key_topic(db: &Database, topic: TopicId, name: &str, key: &str) -> Result<()> {
    let statement = "-- name::key_topic
        select topics_rekey($1, $2, $3)";
    let params: [Param<'_>; 3] = [(&topic, Type::UUID), (&name, Type::TEXT), (&key, Type::TEXT)];
    db.query(Repeat::Safe, statement, &params).await.map(drop)
}
