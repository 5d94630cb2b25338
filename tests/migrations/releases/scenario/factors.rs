use docuvault::config::{AttemptLimits, RequireFactor};
use docuvault::db::factor::Enabling;
use docuvault::db::session::{CheckedPassword, NewSession};
use docuvault::db::{Database, factor};
use docuvault::factor::{Confirmed, Proof, Sealed};
use docuvault::id::SessionId;
use docuvault::limit::{Action, Attempt, Subject};
use docuvault::password::DUMMY_HASH;
use docuvault::visit::Visit;
use docuvault::{Error, Result};
use tokio_postgres::Client;

use super::sessions::{resume, token};
use super::{BOB, ROOT};

/// Returns a TOTP secret. The database does not decrypt it.
fn secret(number: u8) -> Sealed {
    Sealed { key_id: format!("key {number}"), bytes: vec![number; 60] }
}

/// Returns the proof that a code of this step matched the secret.
fn step(step: i64, number: u8, resealed: Option<u8>) -> Proof {
    Proof::Totp { step, secret: secret(number), resealed: resealed.map(secret) }
}

/// Returns the hashes of two backup codes.
fn hashes(number: u8) -> Vec<Vec<u8>> {
    vec![vec![number; 32], vec![number + 1; 32]]
}

fn backup_code(number: u8) -> Proof {
    Proof::BackupCode { hash: vec![number; 32] }
}

/// Returns an attempt of Bob, or of an account that the statement adds.
fn attempt(action: Action, account: &str) -> Attempt {
    let subject = Subject { account, ..Subject::default() };
    Attempt::new(action, AttemptLimits { address_factor: 1 }, subject)
}

fn own_attempt() -> Attempt {
    attempt(Action::Reauthentication, &BOB.id.to_string())
}

fn confirmed(proof: Proof) -> Confirmed {
    Confirmed { password_hash: DUMMY_HASH.into(), proof, attempt: own_attempt() }
}

/// Sends the statements for second factors.
pub async fn send(db: &Database, aging: &Client) {
    let (visit, own) = (Visit::default(), own_attempt());
    assert!(!factor::find(db, BOB, &own).await.unwrap().enabled);
    factor::set_up(db, BOB, DUMMY_HASH, &secret(1), &own).await.unwrap();
    let other_password = factor::set_up(db, BOB, "another hash", &secret(2), &own).await;
    assert!(matches!(other_password, Err(Error::InvalidCredentials)));
    let new = NewSession { id: SessionId::new(), refresh: token(232), device: None, new_device: token(233) };
    let enable = async |proof: Proof, codes: u8| {
        let enabling = Enabling { password_hash: DUMMY_HASH, proof: &proof, backup_codes: &hashes(codes) };
        factor::enable(db, BOB, &new, &visit, enabling, &own).await
    };
    let other_secret = enable(step(5, 2, None), 10).await;
    assert!(matches!(other_secret, Err(Error::InvalidCode)));
    enable(step(5, 1, None), 10).await.unwrap();
    resume(aging, BOB).await;
    assert!(factor::find(db, BOB, &own).await.unwrap().enabled);
    let again = enable(step(6, 1, None), 20).await;
    assert!(matches!(again, Err(Error::TotpEnabled)));
    let again = factor::set_up(db, BOB, DUMMY_HASH, &secret(2), &own).await;
    assert!(matches!(again, Err(Error::TotpEnabled)));
    send_of_login(db).await;

    let renew = async |proof, new| factor::renew(db, BOB, &visit, &confirmed(proof), &hashes(new)).await;
    renew(step(8, 2, Some(3)), 20).await.unwrap();
    assert!(matches!(renew(step(8, 3, None), 30).await, Err(Error::InvalidCode)));
    renew(backup_code(20), 30).await.unwrap();
    let disable =
        async |proof| factor::disable(db, BOB, &visit, &confirmed(proof), RequireFactor::Admins).await;
    assert!(matches!(disable(step(8, 3, None)).await, Err(Error::InvalidCode)));
    disable(backup_code(31)).await.unwrap();
    assert!(matches!(disable(backup_code(30)).await, Err(Error::InvalidCode)));
    assert!(!factor::find(db, BOB, &own).await.unwrap().enabled);
}

async fn send_of_login(db: &Database) {
    let (visit, unnamed) = (Visit::default(), attempt(Action::Factor, ""));
    let login = attempt(Action::Login, "bob@example.com");
    let begin = async |user, number| {
        let password = CheckedPassword { user, hash: DUMMY_HASH, new_hash: None, attempt: &login };
        factor::begin(db, &password, &token(number)).await.unwrap()
    };
    assert!(begin(BOB.id, 50).await && begin(BOB.id, 51).await);
    assert!(!begin(ROOT.id, 52).await);
    assert_eq!(factor::find_pending(db, &token(50), &unnamed).await.unwrap().unwrap().user, BOB.id);
    assert!(factor::find_pending(db, &token(52), &unnamed).await.unwrap().is_none());
    factor::record_wrong_code(db, BOB.id, &visit).await.unwrap();
    let named = attempt(Action::Factor, &BOB.id.to_string());
    let complete = async |number, proof| -> Result<bool> {
        let new = NewSession {
            id: SessionId::new(),
            refresh: token(60 + number),
            device: None,
            new_device: token(160 + number),
        };
        let begun = factor::complete(db, &new, &token(number), &proof, &named, &visit).await?;
        Ok(begun.device_was_issued)
    };
    assert!(matches!(complete(50, step(5, 1, None)).await, Err(Error::InvalidCode)));
    complete(50, step(6, 1, Some(2))).await.unwrap();
    assert!(matches!(complete(50, step(7, 2, None)).await, Err(Error::InvalidCode)));
    complete(51, backup_code(10)).await.unwrap();
}
