use docuvault::config::{AttemptLimits, RequireFactor};
use docuvault::db::passkey::{self, SignIn};
use docuvault::db::session::NewSession;
use docuvault::db::{Database, limit};
use docuvault::id::{ChallengeId, PasskeyId, SessionId};
use docuvault::limit::{Action, Attempt, Subject};
use docuvault::passkey::{Key, NewChallenge, NewPasskey, Proven};
use docuvault::password::DUMMY_HASH;
use docuvault::visit::Visit;
use docuvault::{Error, Result};
use serde_json::json;
use tokio_postgres::Client;

use super::sessions::{resume, token};
use super::{ADA, pages};

/// Describes an attempt of this action.
fn attempt(action: Action) -> Attempt {
    Attempt::new(
        action,
        AttemptLimits { address_factor: 1 },
        Subject { account: "ada", ..Subject::default() },
    )
}

fn challenge() -> NewChallenge {
    NewChallenge { id: ChallengeId::new(), state: json!({"challenge": "random"}) }
}

/// Returns what proves that a request comes from the owner of the account with this password hash.
pub(super) fn proven(password_hash: &str) -> Proven {
    Proven { password_hash: password_hash.into(), factor: None, attempt: attempt(Action::Reauthentication) }
}

/// Returns a new passkey whose key has the id `credential`.
fn new_passkey(credential: u8) -> NewPasskey {
    let name = "Phone".to_owned().try_into().unwrap();
    let key = Key { credential_id: vec![credential; 32], credential: json!({"counter": 0}), sign_count: 0 };
    NewPasskey { id: PasskeyId::new(), name, key }
}

/// Returns a new session with the refresh token of this number.
fn session(number: u8) -> NewSession {
    NewSession { id: SessionId::new(), refresh: token(number), device: None, new_device: token(100 + number) }
}

/// Sends the statements for passkeys.
pub async fn send(db: &Database, aging: &Client) {
    let visit = Visit::default();
    let holder = passkey::find_holder(db, ADA, &attempt(Action::Reauthentication)).await.unwrap();
    assert_eq!(holder.email, "ada@example.com");
    let own = challenge();
    passkey::add_for_registration(db, ADA, &proven(DUMMY_HASH), &own).await.unwrap();
    let changed = passkey::add_for_registration(db, ADA, &proven("another hash"), &challenge()).await;
    assert!(matches!(changed, Err(Error::InvalidCredentials)));
    passkey::use_for_registration(db, ADA, own.id).await.unwrap();
    assert!(matches!(passkey::use_for_registration(db, ADA, own.id).await, Err(Error::InvalidChallenge)));

    let ids = register(db, aging).await;
    for page in pages("passkeys", ADA.id) {
        assert_eq!(passkey::list(db, ADA, &page).await.unwrap().len(), 10);
    }
    let name = "Old phone".to_owned().try_into().unwrap();
    assert_eq!(passkey::rename(db, ADA, ids[0], &name).await.unwrap().name, "Old phone");
    let unknown = passkey::rename(db, ADA, PasskeyId::new(), &name).await;
    assert!(matches!(unknown, Err(Error::NotFound)));
    send_of_sign_in(db, ids[0]).await;
    let new = session(92);
    let remove =
        async |id, hash| passkey::remove(db, ADA, id, &proven(hash), &new, RequireFactor::None, &visit).await;
    assert!(matches!(remove(ids[0], "another hash").await, Err(Error::InvalidCredentials)));
    remove(ids[0], DUMMY_HASH).await.unwrap();
    resume(aging, ADA).await;
    assert!(matches!(remove(ids[0], DUMMY_HASH).await, Err(Error::NotFound)));
}

/// Registers as many passkeys as an account may have. Returns their ids.
async fn register(db: &Database, aging: &Client) -> Vec<PasskeyId> {
    let register = async |credential| {
        let (key, new) = (new_passkey(credential), session(80 + credential));
        let (passkey, _) = passkey::register(db, ADA, &key, &new, &Visit::default()).await?;
        resume(aging, ADA).await;
        Ok(passkey.id)
    };
    let mut ids = vec![register(1).await.unwrap()];
    assert!(matches!(register(1).await, Err(Error::PasskeyExists)));
    for credential in 2..=10 {
        ids.push(register(credential).await.unwrap());
    }
    assert!(matches!(register(11).await, Err(Error::TooManyPasskeys(10))));
    ids
}

async fn send_of_sign_in(db: &Database, id: PasskeyId) {
    let (visit, attempt) = (Visit::default(), attempt(Action::PasskeySignIn));
    let anonymous = challenge();
    passkey::add_for_sign_in(db, &anonymous, &attempt).await.unwrap();
    let mut answers = Vec::<Result<()>>::new();
    for _ in 0..attempt.allowances[0].burst {
        answers.push(limit::use_allowances(db, &attempt).await);
    }
    assert!(answers.iter().any(Result::is_err));
    let refused = passkey::add_for_sign_in(db, &challenge(), &attempt).await;
    assert!(matches!(refused, Err(Error::TooManyAttempts { .. })));

    let find = async || passkey::use_for_sign_in(db, anonymous.id, &[1; 32], ADA.id, &attempt).await;
    let known = find().await.unwrap().unwrap();
    assert_eq!((known.id, known.owner), (id, ADA.id));
    assert!(matches!(find().await, Err(Error::TooManyAttempts { .. })));
    passkey::record_refused(db, None, false, &visit).await.unwrap();
    passkey::record_refused(db, Some(&known), true, &visit).await.unwrap();
    let sign_in = async |number, sign_count| {
        let given = SignIn { passkey: id, credential: json!({"counter": sign_count}), sign_count };
        passkey::sign_in(db, &session(number), &given, &attempt, &visit)
            .await
            .map(|begun| begun.device_was_issued)
    };
    sign_in(70, 0).await.unwrap();
    sign_in(71, 5).await.unwrap();
    assert!(matches!(sign_in(72, 5).await, Err(Error::PasskeyRefused)));
}
