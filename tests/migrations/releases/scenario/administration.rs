use docuvault::Error;
use docuvault::administration::{LogFilter, UserChange, UserFilter};
use docuvault::auth::User;
use docuvault::db::administration::{self, AccountToCreate};
use docuvault::db::factor::ProofParams;
use docuvault::db::{Database, quota, removal, session};
use docuvault::id::{SessionId, UserId};
use docuvault::password::DUMMY_HASH;
use docuvault::role::Role;
use docuvault::visit::Visit;
use serde_json::{Value, from_value, json};
use tokio_postgres::Client;

use super::sessions::begin;
use super::{ADA, BOB, ROOT, pages, signed_in};

/// A user who is created and removed by an administrator.
const CAROL: User = signed_in(0xca);
/// An administrator who removes the own account.
const DAN: User = signed_in(0xda);

/// Sends the statements of administrators. `aging` drops the mails that keep a removed account's row.
pub async fn send(db: &Database, aging: &Client) {
    let visit = Visit::default();
    administration::admit(db, ROOT).await.unwrap();
    assert!(matches!(administration::admit(db, ADA).await, Err(Error::WrongRole(_))));
    create(db, CAROL, "carol", Role::User).await.unwrap();
    assert!(matches!(create(db, signed_in(1), "CAROL", Role::User).await, Err(Error::EmailTaken)));
    create(db, DAN, "dan", Role::Admin).await.unwrap();
    begin(db, CAROL, "carol", 20, None).await.unwrap();
    lists(db).await;
    administration::get(db, ROOT, CAROL.id).await.unwrap();
    assert!(matches!(administration::get(db, ROOT, UserId::new()).await, Err(Error::NotFound)));
    changes(db).await;
    administration::reset_password(db, ROOT, CAROL.id, DUMMY_HASH, &visit).await.unwrap();
    let own = administration::reset_password(db, ROOT, ROOT.id, DUMMY_HASH, &visit).await;
    assert!(matches!(own, Err(Error::OwnAccount)));
    administration::reset_factors(db, ROOT, CAROL.id, &visit).await.unwrap();
    quotas(db).await;
    sessions(db).await;
    removals(db, aging).await;
}

async fn create(db: &Database, user: User, name: &str, role: Role) -> docuvault::Result<()> {
    let email = &format!("{name}@example.com");
    let new = AccountToCreate { id: user.id, email, password_hash: DUMMY_HASH, role, limit_bytes: 1_000 };
    administration::create(db, ROOT, new, &Visit::default()).await.map(drop)
}

async fn lists(db: &Database) {
    let carol = UserFilter { q: Some("CAROL@".into()), role: Some(Role::User), active: Some(true) };
    let rare = UserFilter { role: Some(Role::Admin), ..UserFilter::default() };
    for (filter, expected) in [(UserFilter::default(), 6), (carol, 1), (rare, 2)] {
        for page in pages("users", ROOT.id) {
            let found = administration::list(db, ROOT, &filter, &page).await.unwrap();
            assert_eq!(found.len(), expected, "{filter:?}");
        }
    }
    let created =
        LogFilter { actor: Some(ROOT.id), action: Some("account.created".into()), ..Default::default() };
    for page in pages("audit log", ROOT.id) {
        let found = administration::list_log(db, ROOT, &created, &page).await.unwrap();
        assert_eq!(found.len(), 2);
    }
}

async fn changes(db: &Database) {
    let change = async |user: User, change: Value| {
        let change: UserChange = from_value(change).unwrap();
        administration::change(db, ROOT, user.id, &change, &Visit::default()).await
    };
    change(CAROL, json!({"ai_provider": "builtin", "ai_model": "builtin"})).await.unwrap();
    change(CAROL, json!({"role": "admin", "active": false})).await.unwrap();
    change(CAROL, json!({"role": "user", "active": true, "ai_provider": null, "ai_model": null}))
        .await
        .unwrap();
    assert!(matches!(change(ROOT, json!({"active": false})).await, Err(Error::OwnAccount)));
    assert!(matches!(change(signed_in(2), json!({})).await, Err(Error::NotFound)));
}

async fn quotas(db: &Database) {
    let set = async |user: UserId, bytes: i64| {
        quota::set_limit(db, ROOT, user, bytes.try_into().unwrap(), &Visit::default()).await
    };
    assert!(!set(CAROL.id, 2_000).await.unwrap().warning);
    assert!(matches!(set(UserId::new(), 2_000).await, Err(Error::NotFound)));
    quota::get_of(db, ROOT, CAROL.id).await.unwrap();
    assert!(matches!(quota::get_of(db, ROOT, UserId::new()).await, Err(Error::NotFound)));
}

async fn sessions(db: &Database) {
    let (visit, second) = (Visit::default(), User { session: SessionId::new(), ..ADA });
    begin(db, second, "ada", 23, None).await.unwrap();
    for page in pages("sessions of a user", ROOT.id) {
        assert_eq!(session::list_of(db, ROOT, ADA.id, &page).await.unwrap().len(), 3);
        assert_eq!(session::list_of(db, ROOT, CAROL.id, &page).await.unwrap().len(), 0);
    }
    session::end_of(db, ROOT, ADA.id, second.session, &visit).await.unwrap();
    assert!(matches!(session::end_of(db, ROOT, ADA.id, second.session, &visit).await, Err(Error::NotFound)));
    session::end_all_of(db, ROOT, BOB.id, &visit).await.unwrap();
    assert!(matches!(session::end_all_of(db, ROOT, UserId::new(), &visit).await, Err(Error::NotFound)));
}

async fn removals(db: &Database, aging: &Client) {
    let visit = Visit::default();
    assert!(matches!(removal::begin(db, ROOT, ROOT.id, &visit).await, Err(Error::OwnAccount)));
    removal::begin(db, ROOT, BOB.id, &visit).await.unwrap();
    assert!(matches!(removal::begin(db, ROOT, BOB.id, &visit).await, Err(Error::NotFound)));
    assert_eq!(removal::find_begun(db, 10).await.unwrap(), [BOB.id]);
    assert!(!removal::finish(db, BOB.id).await.unwrap());
    assert_eq!(removal::bury_documents(db, BOB.id, 10).await.unwrap(), 1);
    assert_eq!(removal::remove_sessions(db, BOB.id, 10).await.unwrap(), 4);
    assert!(!removal::finish(db, BOB.id).await.unwrap(), "mails wait");
    aging.query_typed("-- scenario::drop_mails\ndelete from mails", &[]).await.unwrap();
    assert!(removal::finish(db, BOB.id).await.unwrap());
    begin(db, DAN, "dan", 21, None).await.unwrap();
    let code = ProofParams::default();
    let remove = async |user: User, hash| removal::begin_own(db, user, hash, &code, &visit).await;
    assert!(matches!(remove(DAN, DUMMY_HASH).await, Err(Error::PasswordChangeOwed)));
    assert!(matches!(remove(ROOT, "other").await, Err(Error::InvalidCredentials)));
    removal::begin(db, ROOT, DAN.id, &visit).await.unwrap();
    assert!(matches!(remove(ROOT, DUMMY_HASH).await, Err(Error::LastAdministrator)));
    remove(ADA, DUMMY_HASH).await.unwrap();
    assert!(matches!(remove(ADA, DUMMY_HASH).await, Err(Error::Unauthenticated)));
}
