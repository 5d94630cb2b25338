//! Statements of the outbox, of new passwords by mail, and of addresses that are confirmed.

use docuvault::db::account::{self, NewAccount};
use docuvault::db::verification::{self, Change};
use docuvault::db::{Database, mail, reset};
use docuvault::id::UserId;
use docuvault::language::Language;
use docuvault::limit::Action;
use docuvault::mail::{Kind, Mail};
use docuvault::password::DUMMY_HASH;
use docuvault::role::Role;
use docuvault::token::{OpaqueToken, TokenHash};
use docuvault::visit::Visit;
use docuvault::{Error, Result};
use tokio_postgres::Client;
use uuid::Uuid;

use super::accounts::attempt;
use super::sessions::resume;
use super::{BOB, signed_in};

/// A user whose address was never confirmed at first.
const EVE: UserId = UserId(Uuid::from_u128(0xe5e));

/// Sends all statements about mails. `aging` is for time that passes.
pub async fn send(db: &Database, aging: &Client) {
    reset_password(db).await;
    resume(aging, BOB).await;
    confirm_address(db).await;
    change_address(db).await;
    fail(db, aging).await;
}

fn visit() -> Visit {
    Visit { address: Some("203.0.113.7".parse().unwrap()), ..Visit::default() }
}

async fn claim(db: &Database) -> Option<(Mail, TokenHash)> {
    let token = OpaqueToken::random().unwrap().hash();
    mail::claim(db, &token).await.unwrap().map(|mail| (mail, token))
}

/// Sends all mails that are due. Returns the token of the last one of a kind.
async fn send_all(db: &Database, kind: Kind) -> TokenHash {
    let mut found = None;
    while let Some((mail, token)) = claim(db).await {
        mail::remove(db, mail.id).await.unwrap();
        found = (mail.kind == kind).then_some(token).or(found);
    }
    found.unwrap()
}

async fn request_reset(db: &Database, email: &str) {
    reset::request(db, email, &attempt(Action::ResetRequest, email), &visit()).await.unwrap();
}

async fn verify(db: &Database, token: &TokenHash) -> Result<()> {
    verification::redeem(db, token, &attempt(Action::MailToken, ""), &visit()).await
}

fn assert_invalid(result: Result<()>) {
    assert!(matches!(result, Err(Error::LinkInvalid)));
}

async fn reset_password(db: &Database) {
    // Other steps have added mails.
    while let Some((mail, _)) = claim(db).await {
        mail::remove(db, mail.id).await.unwrap();
    }
    request_reset(db, "nobody@example.com").await;
    request_reset(db, "bob@example.com").await;
    let token = send_all(db, Kind::PasswordReset).await;
    let attempt = attempt(Action::MailToken, "");
    assert_eq!(reset::begin(db, &token, &attempt).await.unwrap().unwrap().email, "bob@example.com");
    let redeem =
        async || reset::redeem(db, &token, DUMMY_HASH, None, &super::sessions::token(240), &visit()).await;
    assert!(!redeem().await.unwrap());
    assert!(reset::begin(db, &token, &attempt).await.unwrap().is_none());
    assert_invalid(redeem().await.map(drop));
    assert_eq!(mail::drop_expired(db).await.unwrap().dropped, 0);
}

async fn confirm_address(db: &Database) {
    for _ in 0..2 {
        register(db, EVE, "eve@example.com").await;
    }
    register(db, UserId::new(), "bob@example.com").await;
    let token = send_all(db, Kind::VerifyAddress).await;
    verify(db, &token).await.unwrap();
    assert_invalid(verify(db, &token).await);
}

async fn register(db: &Database, id: UserId, email: &str) {
    let new = NewAccount {
        id,
        email,
        password_hash: DUMMY_HASH,
        role: Role::User,
        password_must_change: false,
        language: Language::De,
    };
    account::create_unverified(db, new, &visit()).await.unwrap();
}

async fn change_address(db: &Database) {
    let proof = attempt(Action::Reauthentication, &BOB.id.to_string());
    let hash = &verification::begin_change(db, BOB, &proof).await.unwrap();
    let of_nobody = verification::begin_change(db, signed_in(0), &proof).await;
    assert!(matches!(of_nobody, Err(Error::Unauthenticated)));
    let change = async |password_hash: &str, email: &str| {
        let attempt = &attempt(Action::VerificationRequest, email);
        let change = Change { email, password_hash, proof: &proof, attempt };
        verification::request_change(db, BOB, &change, &visit()).await
    };
    assert!(matches!(change("another hash", "bob@example.org").await, Err(Error::InvalidCredentials)));
    change(hash, "ada@example.com").await.unwrap();
    change(hash, "bob@example.org").await.unwrap();
    let token = send_all(db, Kind::VerifyAddress).await;
    verify(db, &token).await.unwrap();
}

async fn fail(db: &Database, aging: &Client) {
    send_all(db, Kind::AddressChanged).await;
    request_reset(db, "bob@example.org").await;
    let (mail, _) = claim(db).await.unwrap();
    mail::postpone(db, &mail).await.unwrap();
    for table in ["mails", "password_resets"] {
        let expire = format!("-- scenario::expire_{table}\nupdate {table} set expires_at = now()");
        aging.query_typed(&expire, &[]).await.unwrap();
    }
    assert_eq!(mail::drop_expired(db).await.unwrap().dropped, 1);
}
