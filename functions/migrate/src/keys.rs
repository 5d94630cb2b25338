//! Writes the name keys of rows that have none, or that have one which SQL computed. Only Rust computes
//! correct keys. If a run is interrupted, the next one continues where it stopped.

use docuvault::db::name::FilenameKey;
use docuvault::db::{self, Database};
use docuvault::file::grams;
use docuvault::id::TopicId;
use docuvault::{Result, name};

/// The most rows that one statement reads, and the most filenames whose keys one statement writes.
const BATCH: i64 = 1_000;

/// Writes all missing name keys.
pub async fn write_missing(db: &Database) -> Result<()> {
    while write_filename_keys(db).await? {}
    // If two topics have the same key, the first one keeps its name: system topics come before own topics,
    // and older ones before newer ones.
    for system in [true, false] {
        let mut after = None;
        while let Some(last) = write_topic_keys(db, system, after).await? {
            after = Some(last);
        }
    }
    Ok(())
}

/// Writes the keys of one batch of filenames. Returns whether there were any without a key.
async fn write_filename_keys(db: &Database) -> Result<bool> {
    let files = db::name::find_filenames_without_key(db, BATCH).await?;
    let to_key = |file: &db::name::StoredFilename| {
        let key = name::key(&file.name);
        FilenameKey { id: file.id, grams: grams::from_name_key(file.owner, &key), key }
    };
    db::name::write_filename_keys(db, files.iter().map(to_key).collect()).await?;
    Ok(!files.is_empty())
}

/// Writes the keys of one batch of topics: those that follow `after`. Returns the last topic of the batch, or
/// `None` if there are no more.
async fn write_topic_keys(db: &Database, system: bool, after: Option<TopicId>) -> Result<Option<TopicId>> {
    let topics = db::name::read_topics(db, system, after, BATCH).await?;
    for topic in &topics {
        let key = name::key(&topic.name);
        if topic.key.as_ref() != Some(&key) {
            db::name::write_topic_key(db, topic.id, &topic.name, &key).await?;
        }
    }
    Ok(topics.last().map(|topic| topic.id))
}
