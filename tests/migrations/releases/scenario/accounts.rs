use docuvault::account::login::LoginAttempts;
use docuvault::config::AttemptLimits;
use docuvault::db::password::NewHash;
use docuvault::db::session::NewSession;
use docuvault::db::{Database, account, limit, password};
use docuvault::id::SessionId;
use docuvault::limit::{Action, Attempt, Subject};
use docuvault::token::TokenHash;
use docuvault::visit::Visit;
use docuvault::{Error, Result};
use tokio_postgres::Client;

use super::sessions::{resume, token};
use super::{ADA, signed_in};

/// Describes an attempt of this action for this e-mail address.
pub fn attempt(action: Action, email: &str) -> Attempt {
    let subject = Subject { account: email, device: email, ..Subject::default() };
    Attempt::new(action, AttemptLimits { address_factor: 1 }, subject)
}

/// Describes a login with this e-mail address.
pub fn login_attempts(email: &str) -> LoginAttempts {
    LoginAttempts {
        on_known_device: attempt(Action::LoginOnKnownDevice, email),
        elsewhere: attempt(Action::Login, email),
    }
}

/// Sends the statements of a change of Ada's password. It is changed to the same one.
pub async fn send_of_change(db: &Database, aging: &Client) {
    let attempt = attempt(Action::Reauthentication, "ada");
    let stored = password::begin_change(db, ADA, &attempt).await.unwrap();
    let new = NewSession { id: SessionId::new(), refresh: token(230), device: None, new_device: token(231) };
    let change = async |old: &str| {
        let hash = NewHash { old, new: &stored.hash };
        password::change(db, ADA, &new, hash, &attempt, &Visit::default()).await
    };
    change(&stored.hash).await.unwrap();
    resume(aging, ADA).await;
    assert!(matches!(change("another hash").await, Err(Error::InvalidCredentials)));
    assert!(matches!(password::begin_change(db, signed_in(0), &attempt).await, Err(Error::Unauthenticated)));
}

/// Sends the statements of attempts that do not succeed. `device` is one that Ada knows.
pub async fn send(db: &Database, device: &TokenHash) {
    let ada = login_attempts("ada@example.com");
    let known = account::begin_login(db, "ADA@example.com", Some(device), &ada).await.unwrap().unwrap();
    assert!(known.on_known_device);
    let unknown = login_attempts("nobody@example.com");
    assert!(account::begin_login(db, "nobody@example.com", None, &unknown).await.unwrap().is_none());

    let registration = attempt(Action::Registration, "");
    let mut answers = Vec::<Result<()>>::new();
    for _ in 0..=registration.allowances[0].burst {
        answers.push(limit::use_allowances(db, &registration).await);
    }
    assert!(matches!(answers.pop(), Some(Err(Error::TooManyAttempts { .. }))));
    assert!(answers.iter().all(Result::is_ok));
    limit::give_back(db, &registration).await.unwrap();
}
