use std::time::Duration;

use docuvault::db::Database;
use docuvault::db::audit::{self, Cursor, Kind, Listed, Place};
use docuvault::db::repair::{self, Recovered, Recovery};
use docuvault::file::{ContentType, Filename};
use docuvault::id::{DocumentId, UserId};
use docuvault::storage::{Backend, EntityTag, Extension, ObjectKey};
use tokio_postgres::Client;

use super::uploads::Uploads;
use super::{ADA, BOB};

/// The id of an invocation, which repairs write to the audit log.
const REQUEST: &str = "846aee49-9d2f-46c1-b7f0-db6421a35af8";

/// The time between two passes of an audit.
const DAY: Duration = Duration::from_secs(86_400);

/// Sends the statements of the audit.
pub async fn send(db: &Database, uploads: &Uploads) {
    let due = audit::find_due(db, "ledger", DAY).await.unwrap().unwrap();
    assert_eq!(audit::read_balances(db, Place::FIRST.user, 10).await.unwrap().len(), 3);
    let key = uploads.confirmed[0].location.key.to_string();
    let save =
        async |from, to| audit::save_step(db, "ledger", from, to, std::slice::from_ref(&key)).await.unwrap();
    let begin = Cursor::default();
    assert_eq!(save(&due, Some(&begin)).await.unwrap(), [key.as_str()]);
    assert_eq!(save(&due, None).await, None, "another audit was faster");
    assert!(save(&due.next(Cursor::default()), None).await.is_some());
    assert!(audit::find_due(db, "ledger", DAY).await.unwrap().is_none());

    let listed =
        |key: &ObjectKey| Listed { key: key.clone(), size_bytes: 1, etag: EntityTag::parse("\"0\"") };
    let listed = [listed(&uploads.confirmed[0].location.key), listed(&new_key(ADA.id))];
    let all = (Place::FIRST, Place::LAST);
    let compared = audit::compare_objects(db, Backend::S3, &listed, all, 10).await.unwrap();
    let count = |kind| compared.suspects.iter().filter(|suspect| suspect.kind == kind).count();
    let kinds = [Kind::RowWithoutObject, Kind::ObjectWithoutRow, Kind::ChangedObject];
    assert_eq!(kinds.map(count), [2, 1, 1]);
    assert!(audit::is_confirmed(db, &key).await.unwrap());
}

/// Sends the statements of repairs. `aging` makes the ledger wrong.
pub async fn send_of_repair(db: &Database, aging: &Client, uploads: &Uploads) {
    assert!(!repair::correct_ledger(db, ADA.id, REQUEST).await.unwrap());
    let wrong = "-- scenario::break_ledger
        update quotas set used_bytes = used_bytes + 1";
    aging.query_typed(wrong, &[]).await.unwrap();
    assert!(repair::correct_ledger(db, ADA.id, REQUEST).await.unwrap());
    let lost = &uploads.confirmed[1];
    for removed in [true, false] {
        let answer = repair::remove_document(db, lost.id, &lost.location.key.to_string(), REQUEST).await;
        assert_eq!(answer.unwrap(), removed);
    }
    let orphan = new_key(ADA.id);
    for buried in [true, false] {
        assert_eq!(repair::bury_orphan(db, Backend::S3, &orphan, REQUEST).await.unwrap(), buried);
    }
    assert_eq!(recover(db, &orphan, 1).await, Recovery::Taken);
    assert_eq!(recover(db, &new_key(ADA.id), 200_000_000).await, Recovery::OverQuota);
    assert_eq!(recover(db, &new_key(UserId::new()), 1).await, Recovery::NoAccount);
    assert_eq!(recover(db, &new_key(BOB.id), 1).await, Recovery::Recovered);
}

fn new_key(user: UserId) -> ObjectKey {
    ObjectKey::new(user, DocumentId::new(), Extension::from_filename("a.txt"))
}

async fn recover(db: &Database, key: &ObjectKey, size_bytes: i64) -> Recovery {
    let filename = Filename::try_from("recovered.txt".to_owned()).unwrap();
    let content_type = ContentType::try_from("text/plain".to_owned()).unwrap();
    let etag = EntityTag::parse("\"0\"").unwrap();
    let (filename, content_type, etag) = (&filename, &content_type, &etag);
    let new = Recovered { key, backend: Backend::S3, size_bytes, etag, filename, content_type };
    repair::recover_document(db, new, REQUEST).await.unwrap()
}
