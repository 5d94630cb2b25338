//! Sends every statement of the source at least once, in the order in which functions could send them. Each
//! step asserts its result, so that the statements have all their outcomes.

mod accounts;
mod administration;
mod audits;
mod classifications;
mod documents;
mod factors;
mod mails;
mod name_keys;
mod own_data;
mod passkeys;
mod sessions;
mod topics;
mod uploads;

use docuvault::account::Account;
use docuvault::auth::User;
use docuvault::config::DatabaseConfig;
use docuvault::db::account::NewAccount;
use docuvault::db::{Database, account, quota};
use docuvault::id::{DocumentId, SessionId, UserId};
use docuvault::language::Language;
use docuvault::page::{PageQuery, PageRequest, Position};
use docuvault::password::DUMMY_HASH;
use docuvault::role::Role;
use docuvault::visit::Visit;
use docuvault::{Error, Result};
use tests::TestDatabase;
use tests::recorder::{Recorded, Recorder};
use time::{Duration, OffsetDateTime};
use tokio_postgres::Client;
use uuid::Uuid;

/// A user who has documents and topics.
const ADA: User = signed_in(0xada);
/// A user without documents.
const BOB: User = signed_in(0xb0b);
/// An administrator.
const ROOT: User = signed_in(0x600d);

/// Returns an account with a session. Both have the same number.
const fn signed_in(number: u128) -> User {
    User { id: UserId(Uuid::from_u128(number)), session: SessionId(Uuid::from_u128(number)) }
}

/// Sends all statements to the database. Returns those of `docuvault_app`, and then those of
/// `docuvault_migrate`.
pub async fn send_all(database: &TestDatabase) -> [Vec<Recorded>; 2] {
    let (app, app_recorder) = connect(database, "docuvault_app").await;
    let aging = connect_client(database, &app_recorder).await;
    create_accounts(&app, &aging).await;
    let topics = topics::send(&app).await;
    let uploads = uploads::send(&app).await;
    let classified = classifications::send(&app, &uploads, topics).await;
    documents::send(&app, &uploads, classified, topics).await;
    audits::send(&app, &uploads).await;
    audits::send_of_repair(&app, &aging, &uploads).await;
    documents::send_of_sweep(&app, &aging).await;
    factors::send(&app, &aging).await;
    mails::send(&app, &aging).await;
    passkeys::send(&app, &aging).await;
    own_data::send(&app).await;
    administration::send(&app, &aging).await;
    sessions::send(&app, &aging).await;
    name_keys::forget(&aging).await;
    let (owner, owner_recorder) = connect(database, "docuvault_migrate").await;
    name_keys::send(&owner).await;
    own_data::send_as_owner(&owner).await;
    for id in [UserId::new(), UserId::new()] {
        let (email, role, language) = ("second@example.com", Role::Admin, Language::default());
        let new =
            NewAccount { id, email, password_hash: DUMMY_HASH, role, password_must_change: true, language };
        account::create_or_revive(&owner, new).await.unwrap();
    }
    [app_recorder.recorded(), owner_recorder.recorded()]
}

async fn connect(database: &TestDatabase, role: &str) -> (Database, Recorder) {
    let recorder = Recorder::start(database.server_address()).await;
    let url = database.url_at(role, &recorder.address).parse().unwrap();
    (Database::new(DatabaseConfig { url, iam: None }), recorder)
}

/// Opens a connection for statements that let time pass, which no function sends.
async fn connect_client(database: &TestDatabase, recorder: &Recorder) -> Client {
    let url = database.url_at("docuvault_app", &recorder.address);
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn create_account(db: &Database, id: UserId, email: &str, role: Role) -> Result<Account> {
    let language = Language::De;
    let new =
        NewAccount { id, email, password_hash: DUMMY_HASH, role, password_must_change: false, language };
    account::create(db, new, &Visit::default()).await
}

async fn create_accounts(db: &Database, aging: &Client) {
    db.ping().await.unwrap();
    create_account(db, ADA.id, "ada@example.com", Role::User).await.unwrap();
    create_account(db, BOB.id, "bob@example.com", Role::User).await.unwrap();
    create_account(db, ROOT.id, "root@example.com", Role::Admin).await.unwrap();
    let taken = create_account(db, UserId::new(), "Ada@example.com", Role::User).await;
    assert!(matches!(taken, Err(Error::EmailTaken)));
    sessions::start(db).await;
    accounts::send_of_change(db, aging).await;
    account::get(db, ADA).await.unwrap();
    assert!(matches!(account::get(db, signed_in(0)).await, Err(Error::Unauthenticated)));
    quota::get(db, ADA).await.unwrap();
    assert!(matches!(quota::get(db, ROOT).await, Err(Error::WrongRole(_))));
}

/// Returns the first page of a list, and a later page. The later page begins at a time in the future, so that
/// it has all items, whenever it is read.
fn pages(list: &'static str, reader: UserId) -> [PageRequest; 2] {
    let first = PageRequest::parse(list, reader, &PageQuery::default()).unwrap();
    let last =
        Position { created_at: OffsetDateTime::now_utc() + Duration::hours(1), id: DocumentId::new().0 };
    let cursor = first.page(vec![(); 51], |()| last).next_cursor;
    [first, PageRequest::parse(list, reader, &PageQuery { cursor, limit: None }).unwrap()]
}
