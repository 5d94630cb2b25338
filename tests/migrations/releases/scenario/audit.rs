use std::time::Duration;

use docuvault::db::Database;
use docuvault::db::audit::{self, Cursor, Kind, Listed, Place};
use docuvault::db::repair::{self, Recovered, Recovery};
use docuvault::file::{ContentType, Filename};
use docuvault::id::{DocumentId, UserId};
use docuvault::storage::{Backend, EntityTag, Extension, ObjectKey};

use super::ADA;

/// The request id in the audit log.
const REQUEST: &str = "request-1";

/// Sends the statements of the audit and of repairs.
pub async fn send(db: &Database) {
    let new_key = |user| ObjectKey::new(user, DocumentId::new(), Extension::from_filename("a.txt"));
    let key = new_key(ADA);
    assert_eq!(recover(db, &new_key(UserId::new()), 5).await, Recovery::NoAccount);
    assert_eq!(recover(db, &key, i64::MAX).await, Recovery::OverQuota);
    assert_eq!(recover(db, &key, 5).await, Recovery::Recovered);
    assert_eq!(recover(db, &key, 5).await, Recovery::Taken);
    assert!(audit::is_confirmed(db, &key).await.unwrap());
    compare(db, &key).await;
    send_of_cursors(db, &key).await;
    let balances = audit::read_balances(db, UserId(uuid::Uuid::nil()), 10).await.unwrap();
    assert!(balances.iter().all(|balance| balance.drift_bytes() == 0), "{balances:?}");
    assert!(!repair::correct_ledger(db, ADA, REQUEST).await.unwrap());
    assert!(repair::remove_document(db, key.document(), &key, REQUEST).await.unwrap());
    assert!(!repair::remove_document(db, key.document(), &key, REQUEST).await.unwrap());
    assert!(!repair::bury_orphan(db, Backend::S3, &key, REQUEST).await.unwrap());
    assert!(repair::bury_orphan(db, Backend::S3, &new_key(ADA), REQUEST).await.unwrap());
}

async fn recover(db: &Database, key: &ObjectKey, size_bytes: i64) -> Recovery {
    let new = Recovered {
        key,
        backend: Backend::S3,
        size_bytes,
        etag: &EntityTag::parse("\"0123abcd\"").unwrap(),
        filename: &Filename::try_from("recovered.txt".to_owned()).unwrap(),
        content_type: &ContentType::try_from("text/plain".to_owned()).unwrap(),
    };
    repair::recover_document(db, new, REQUEST).await.unwrap()
}

/// The store has another object under the key, and none of the other documents.
async fn compare(db: &Database, key: &ObjectKey) {
    let listed = [Listed { key: key.clone(), size_bytes: 6, etag: None }];
    let all = (Place::FIRST, Place::LAST);
    let compared = audit::compare_objects(db, Backend::S3, &listed, all, 10).await.unwrap();
    let count = |kind| compared.suspects.iter().filter(|suspect| suspect.kind == kind).count();
    assert_eq!(count(Kind::ChangedObject), 1);
    assert_eq!(count(Kind::RowWithoutObject), compared.rows - 1);
}

async fn send_of_cursors(db: &Database, key: &ObjectKey) {
    let day = Duration::from_secs(86_400);
    let due = audit::find_due(db, "ledger", day).await.unwrap().unwrap();
    let next = Cursor { after_key: key.to_string(), ..Cursor::default() };
    let confirmed = audit::save_step(db, "ledger", &due, Some(&next), &[key.to_string()]).await.unwrap();
    assert_eq!(confirmed, Some(vec![key.to_string()]));
    assert!(audit::save_step(db, "ledger", &due, None, &[]).await.unwrap().is_none());
    let due = audit::find_due(db, "ledger", day).await.unwrap().unwrap();
    assert_eq!(due.cursor, next);
    assert!(audit::save_step(db, "ledger", &due, None, &[]).await.unwrap().is_some());
    assert!(audit::find_due(db, "ledger", day).await.unwrap().is_none());
}
