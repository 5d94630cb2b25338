use docuvault::auth::User;
use docuvault::db::{Database, audit_log, export};
use docuvault::export::Start;
use docuvault::id::SessionId;
use docuvault::page::Position;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{ADA, pages};

/// Sends the statements with which an account reads what is kept about it.
pub async fn send(db: &Database) {
    for page in pages("own audit log", ADA.id) {
        audit_log::list_own(db, ADA, &page).await.unwrap();
    }
    let ended = User { session: SessionId(Uuid::nil()), ..ADA };
    let first = Start { kind: 0, after: None, limit: 50 };
    assert!(export::read(db, ended, &first).await.is_err());
    export::read(db, ADA, &first).await.unwrap();
    // A time in the past, so that all entries are behind it whenever they are read.
    let after = Position { created_at: OffsetDateTime::now_utc() - Duration::hours(1), id: Uuid::nil() };
    export::read(db, ADA, &Start { kind: 4, after: Some(after), limit: 50 }).await.unwrap();
}

/// Sends the statement that deletes old entries, which only the owner of the table may send.
pub async fn send_as_owner(db: &Database) {
    assert_eq!(audit_log::delete_older(db, 365, 10).await.unwrap(), 0);
}
