use docuvault::Error;
use docuvault::auth::User;
use docuvault::config::RequireFactor;
use docuvault::db::session::{self, CheckedPassword, NewSession, Refresh, RefreshAttempts};
use docuvault::db::{Database, account, cleanup};
use docuvault::id::SessionId;
use docuvault::limit::Action;
use docuvault::token::{OpaqueToken, TokenHash};
use docuvault::visit::Visit;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::accounts::{self, login_attempts};
use super::{ADA, BOB, ROOT, pages};

/// Returns the hash of a token. Tokens are the same in every record, so that records differ only where the
/// statements do.
pub fn token(number: u8) -> TokenHash {
    let text = format!("{number:0>42}A");
    OpaqueToken::parse(&text).unwrap().hash()
}

/// Lets a session go on that a statement has ended.
pub async fn resume(aging: &Client, user: User) {
    let resumed = "-- scenario::resume_session\nupdate sessions set ended_at = null where id = $1";
    aging.query_typed(resumed, &[(&user.session, Type::UUID)]).await.unwrap();
}

/// Sends the statements of logins: one for each account.
pub async fn start(db: &Database) {
    account::record_failed_login(db, None, &Visit::default()).await.unwrap();
    account::record_failed_login(db, Some(ADA.id), &Visit::default()).await.unwrap();
    for (number, user, email) in [(1, ADA, "ada"), (2, BOB, "bob"), (3, ROOT, "root")] {
        begin(db, user, email, number, None).await.unwrap();
    }
    accounts::send(db, &token(101)).await;
}

/// Begins a session with the refresh token of this number.
pub async fn begin(
    db: &Database,
    user: User,
    name: &str,
    number: u8,
    device: Option<TokenHash>,
) -> docuvault::Result<bool> {
    let email = format!("{name}@example.com");
    let attempts = login_attempts(&email);
    let known = account::begin_login(db, &email, device.as_ref(), &attempts).await.unwrap().unwrap();
    let attempt = if known.on_known_device { &attempts.on_known_device } else { &attempts.elsewhere };
    let hash = known.password_hash.as_str();
    let new_hash = device.as_ref().map(|_| hash);
    let password = CheckedPassword { user: known.id, hash, new_hash, attempt };
    let new =
        NewSession { id: user.session, refresh: token(number), device, new_device: token(100 + number) };
    let begun = session::start(db, &new, &password, RequireFactor::None, &Visit::default()).await?;
    Ok(begun.is_some_and(|begun| begun.device_was_issued))
}

/// Sends the other statements for sessions. `aging` lets time pass.
pub async fn send(db: &Database, aging: &Client) {
    let visit = Visit::default();
    let other = User { session: SessionId::new(), ..ROOT };
    assert!(begin(db, other, "root", 4, Some(token(103))).await.unwrap(), "the browser is known");
    let [renewal, refusal] = [Action::Renewal, Action::Refresh].map(|action| accounts::attempt(action, ""));
    let attempts = RefreshAttempts { renewal, refusal };
    let refresh = async |old, new| {
        session::refresh(db, &token(old), &token(new), RequireFactor::None, &attempts, &visit).await.unwrap()
    };
    for (old, new) in [(4, 5), (4, 6), (6, 7)] {
        assert!(matches!(refresh(old, new).await, Refresh::Renewed { user, .. } if user == other));
    }
    for (old, new) in [(4, 8), (7, 9), (99, 10)] {
        assert_eq!(refresh(old, new).await, Refresh::Refused);
    }
    for page in pages("sessions", ROOT.id) {
        assert_eq!(session::list(db, ROOT, &page).await.unwrap().len(), 1);
    }
    let third = User { session: SessionId::new(), ..ROOT };
    begin(db, third, "root", 11, Some(token(99))).await.unwrap();
    session::end(db, ROOT, third.session, &visit).await.unwrap();
    assert!(matches!(session::end(db, ROOT, third.session, &visit).await, Err(Error::NotFound)));
    session::end_by_token(db, &token(2), &visit).await.unwrap();
    session::end_all(db, ROOT, &visit).await.unwrap();
    assert!(matches!(session::end_all(db, ROOT, &visit).await, Err(Error::Unauthenticated)));
    send_of_sweep(db, aging).await;
}

async fn send_of_sweep(db: &Database, aging: &Client) {
    assert_eq!(cleanup::remove_sessions(db, 10).await.unwrap(), 0);
    assert_eq!(cleanup::remove_devices(db, 10).await.unwrap(), 0);
    assert_eq!(cleanup::remove_unverified(db, 10).await.unwrap(), 0);
    let late = "-- scenario::age_sessions
        with aged as (update devices set last_used_at = now() - interval '401 days')
        delete from sessions where ended_at is not null";
    aging.query_typed(late, &[]).await.unwrap();
    assert_eq!(cleanup::remove_devices(db, 3).await.unwrap(), 3);
}
