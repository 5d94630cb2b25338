use docuvault::db::Database;
use docuvault::db::name::{self, FilenameKey};
use docuvault::file::grams;
use tokio_postgres::Client;

/// Removes name keys, as if a release that writes none had added the rows.
pub async fn forget(aging: &Client) {
    let files = "-- scenario::forget_filename_keys
        update documents set filename_key = null";
    assert_eq!(aging.query_typed(files, &[]).await.unwrap().len(), 0);
}

/// Sends the statements of `migrate` that write missing name keys.
pub async fn send(db: &Database) {
    let files = name::find_filenames_without_key(db, 10).await.unwrap();
    assert!(!files.is_empty());
    let key = |file: &name::StoredFilename| FilenameKey {
        id: file.id,
        key: file.name.to_lowercase(),
        grams: grams::from_name_key(file.owner, &file.name),
    };
    name::write_filename_keys(db, files.iter().map(key).collect()).await.unwrap();
    assert!(name::find_filenames_without_key(db, 10).await.unwrap().is_empty());
    for system in [true, false] {
        let topics = name::read_topics(db, system, None, 10).await.unwrap();
        let topic = topics.first().unwrap();
        name::write_topic_key(db, topic.id, &topic.name, topic.key.as_ref().unwrap()).await.unwrap();
        assert_eq!(name::read_topics(db, system, Some(topic.id), 10).await.unwrap().len(), topics.len() - 1);
    }
}
