//! SQL statements that write missing name keys (migrations 0006 and 0008). They are run by the owner of the
//! schema.

use super::param::Params;
use super::{Database, Retry};
use crate::Result;
use crate::id::{DocumentId, TopicId, UserId};

/// The name of a topic, and its name key if it has one.
pub struct TopicKey {
    /// The topic's id.
    pub id: TopicId,
    /// The topic's name.
    pub name: String,
    /// The name key in the row.
    pub key: Option<String>,
}

/// The filename of a document without a name key.
pub struct StoredFilename {
    /// The document's id.
    pub id: DocumentId,
    /// The document's owner.
    pub owner: UserId,
    /// The filename that the client declared.
    pub name: String,
}

/// The columns by which a search finds a document.
pub struct FilenameKey {
    /// The document's id.
    pub id: DocumentId,
    /// The name key of the filename.
    pub key: String,
    /// The grams of the name key.
    pub grams: Vec<i32>,
}

/// Finds up to `most` filenames that have no name key.
pub async fn find_filenames_without_key(db: &Database, most: i64) -> Result<Vec<StoredFilename>> {
    let statement = "-- name::find_filenames_without_key
        select id, user_id, filename from documents where filename_key is null order by id limit $1";
    let rows = db.query(Retry::Safe, statement, &[/* $1 */ &most]).await?;
    rows.iter()
        .map(|row| Ok(StoredFilename { id: row.try_get(0)?, owner: row.try_get(1)?, name: row.try_get(2)? }))
        .collect()
}

/// Writes the name keys and grams of filenames. The rows are locked in the order of their ids, so that two
/// concurrent runs wait for each other and do not deadlock.
pub async fn write_filename_keys(db: &Database, files: Vec<FilenameKey>) -> Result<()> {
    let statement = "-- name::write_filename_keys
        with held as materialized (
            select d.id from documents d where d.id = any($1) order by d.id for no key update
        )
        update documents d set filename_key = k.key, filename_grams = k.grams::integer[]
        from held h join unnest($1, $2, $3) k (id, key, grams) on k.id = h.id
        where d.id = h.id";
    // Postgres accepts a list of lists only if all of them have the same length. So each list of grams is
    // sent as text.
    let written = |file: &FilenameKey| format!("{:?}", file.grams).replace('[', "{").replace(']', "}");
    let grams: Vec<_> = files.iter().map(written).collect();
    let (ids, keys): (Vec<_>, Vec<_>) = files.into_iter().map(|file| (file.id, file.key)).unzip();
    let params: Params<'_> = &[/* $1 */ &ids, /* $2 */ &keys, /* $3 */ &grams];
    db.query(Retry::Safe, statement, params).await.map(drop)
}

/// Reads up to `most` topics in the order of their ids, beginning after the topic `after`. Reads system
/// topics if `system` is true, else own topics.
pub async fn read_topics(
    db: &Database,
    system: bool,
    after: Option<TopicId>,
    most: i64,
) -> Result<Vec<TopicKey>> {
    let statement = "-- name::read_topics
        select id, name, name_key from topics
        where (user_id is null) = $1 and ($2::uuid is null or id > $2)
        order by id
        limit $3";
    let params: Params<'_> = &[/* $1 */ &system, /* $2 */ &after, /* $3 */ &most];
    let rows = db.query(Retry::Safe, statement, params).await?;
    rows.iter()
        .map(|row| Ok(TopicKey { id: row.try_get(0)?, name: row.try_get(1)?, key: row.try_get(2)? }))
        .collect()
}

/// Writes the name key of a topic. If another topic that the same users see has this key, that topic replaces
/// this one.
pub async fn write_topic_key(db: &Database, topic: TopicId, name: &str, key: &str) -> Result<()> {
    let statement = "-- name::write_topic_key
        select topics_rekey($1, $2, $3)";
    let params: Params<'_> = &[/* $1 */ &topic, /* $2 */ &name, /* $3 */ &key];
    db.query(Retry::Safe, statement, params).await.map(drop)
}
