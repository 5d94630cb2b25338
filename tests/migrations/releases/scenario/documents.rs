use std::time::Duration;

use docuvault::Error;
use docuvault::db::{Database, cleanup, document, limit};
use docuvault::document::{DocumentQuery, Filter, Status};
use docuvault::id::{DocumentId, TopicId};
use docuvault::storage::Backend;
use tokio_postgres::Client;

use super::topics::Topics;
use super::uploads::Uploads;
use super::{ADA, BOB, pages};

/// Sends the statements for documents.
pub async fn send(db: &Database, uploads: &Uploads, classified: DocumentId, topics: Topics) {
    for id in [classified, uploads.pending[1].id] {
        document::get(db, ADA, id).await.unwrap();
        assert!(matches!(document::get(db, BOB, id).await, Err(Error::NotFound)));
    }
    document::find_stored(db, ADA, classified).await.unwrap();
    assert!(document::find_stored(db, BOB, classified).await.is_err());
    document::set_topics(db, ADA, classified, &[topics.own]).await.unwrap();
    let unknown = document::set_topics(db, ADA, classified, &[TopicId::new()]).await;
    assert!(matches!(unknown, Err(Error::Invalid(_))));
    list(db, topics.own).await;
    for begun in [&uploads.confirmed[2], &uploads.pending[1]] {
        assert!(document::delete(db, ADA, begun.id).await.unwrap().is_some());
        assert!(matches!(document::delete(db, ADA, begun.id).await, Err(Error::NotFound)));
    }
}

/// Lists documents with all filters. Each list has the expected number of documents.
async fn list(db: &Database, topic: TopicId) {
    let all = DocumentQuery::default;
    let part = || Some("invoice".to_owned());
    let lists = [
        (all(), 4),
        (DocumentQuery { status: Some(Status::Pending), ..all() }, 1),
        (DocumentQuery { status: Some(Status::ClassificationFailed), ..all() }, 1),
        (DocumentQuery { topic: Some(topic), ..all() }, 1),
        (DocumentQuery { topic: Some(topic), q: part(), ..all() }, 1),
        (DocumentQuery { q: part(), ..all() }, 3),
        (DocumentQuery { q: part(), status: Some(Status::Uploaded), ..all() }, 1),
    ];
    for (query, expected) in lists {
        let filter = Filter::parse(query).unwrap().0;
        for page in pages("documents", ADA.id) {
            let found = document::list(db, ADA, &filter, &page).await.unwrap();
            assert_eq!(found.len(), expected, "{filter:?}");
        }
    }
    let nothing =
        document::list(db, BOB, &Filter::parse(all()).unwrap().0, &pages("documents", BOB.id)[0]).await;
    assert_eq!(nothing.unwrap().len(), 0);
}

/// Sends the statements of the sweep. `aging` lets time pass.
pub async fn send_of_sweep(db: &Database, aging: &Client) {
    let late = "-- scenario::age_tombstones
        update tombstones set url_expires_at = now() - interval '2 days', final_at = now() - interval '1 day'
        where object_key in (select object_key from tombstones order by object_key limit 1)";
    aging.query_typed(late, &[]).await.unwrap();
    let due = cleanup::find_due_backends(db).await.unwrap();
    let removals = cleanup::take_due_removals(db, Backend::S3, due.now, 10).await.unwrap();
    assert_eq!(removals.iter().filter(|removal| removal.again_at.is_none()).count(), 1);
    assert_eq!(cleanup::record_removals(db, &removals).await.unwrap(), 1);

    let due = "-- scenario::age_nudges
        update documents set nudge_due_at = now() - interval '1 second', lease_expires_at = null
        where status = 'uploaded'";
    aging.query_typed(due, &[]).await.unwrap();
    let nudged = cleanup::take_due_nudges(db, 10).await.unwrap();
    assert!(!nudged.is_empty());
    cleanup::make_nudges_due(db, &nudged).await.unwrap();

    assert_eq!(cleanup::bury_abandoned(db, Duration::from_secs(3_600), 10).await.unwrap(), 0);
    assert_eq!(cleanup::bury_abandoned(db, Duration::ZERO, 10).await.unwrap(), 1);

    assert_eq!(limit::delete_unused(db, 10).await.unwrap(), 0);
    let age =
        "-- scenario::age_allowances\n        update allowances set full_at = now() - interval '1 second'";
    aging.query_typed(age, &[]).await.unwrap();
    assert!(limit::delete_unused(db, 10).await.unwrap() > 0);
}
