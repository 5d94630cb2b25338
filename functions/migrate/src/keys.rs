//! The keys of names that have none yet, or one that SQL made up: Rust alone computes keys. What is done
//! stays done, so that a run that was interrupted is simply begun again.

use docuvault::db::name::FilenameKey;
use docuvault::db::{self, Database};
use docuvault::file::grams;
use docuvault::id::TopicId;
use docuvault::{Result, name};

/// Rows that are read, and files whose keys are written, at once.
const BATCH: i64 = 1_000;

/// Writes what is missing.
pub async fn fill(db: &Database) -> Result<()> {
    while fill_filenames(db).await? {}
    // Of two topics of one name the first stays: the system's before users' own, the older before the
    // younger.
    for system in [true, false] {
        let mut after = None;
        while let Some(last) = fill_topics(db, system, after).await? {
            after = Some(last);
        }
    }
    Ok(())
}

/// Whether there were any without a key.
async fn fill_filenames(db: &Database) -> Result<bool> {
    let files = db::name::find_filenames_without_key(db, BATCH).await?;
    let searched = |file: &db::name::StoredFilename| {
        let key = name::key(&file.name);
        FilenameKey { id: file.id, grams: grams::from_name_key(file.owner, &key), key }
    };
    db::name::write_filename_keys(db, files.iter().map(searched).collect()).await?;
    Ok(!files.is_empty())
}

/// The last that was looked at; none: there are no more.
async fn fill_topics(db: &Database, system: bool, after: Option<TopicId>) -> Result<Option<TopicId>> {
    let topics = db::name::read_topics(db, system, after, BATCH).await?;
    for topic in &topics {
        let key = name::key(&topic.name);
        if topic.key.as_ref() != Some(&key) {
            db::name::write_topic_key(db, topic.id, &topic.name, &key).await?;
        }
    }
    Ok(topics.last().map(|topic| topic.id))
}
