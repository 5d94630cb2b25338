use docuvault::account::LoginAttempts;
use docuvault::config::AttemptLimits;
use docuvault::db::{Database, account, limit};
use docuvault::limit::{Action, Attempt, Subject};
use docuvault::token::TokenHash;
use docuvault::{Error, Result};

/// Describes an attempt of this action for this e-mail address.
fn attempt(action: Action, email: &str) -> Attempt {
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
}
