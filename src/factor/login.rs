//! The second step of a login. A login with the right password of an account with TOTP gets a challenge,
//! which is good for nothing but the second step. Challenge and code together start a session.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Code, Factors, Sealed};
use crate::auth::Tokens;
use crate::config::AttemptLimits;
use crate::db::Database;
use crate::db::session::CheckedPassword;
use crate::id::UserId;
use crate::limit::{Action, Attempt, Subject};
use crate::session::{Started, Starting};
use crate::token::OpaqueToken;
use crate::visit::Visit;
use crate::{Error, Result, db};

/// A kind of second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("totp"))]
pub enum Factor {
    /// A code of an authenticator app.
    Totp,
    /// A backup code.
    BackupCode,
}

/// The answer to a login whose password is right, if the account has a second factor.
#[derive(Serialize, ToSchema)]
pub struct Challenge {
    /// The challenge for `POST /api/auth/login/factor`. It is valid for five minutes and for one login.
    #[schema(examples("kq3v0m5Yb2oW4nR8sT1uX6zA9cE7gH0jL5pQ2dF3iJk"))]
    pub challenge: String,
    /// The kinds of codes that are accepted.
    pub factors: [Factor; 2],
}

/// The second step of a login.
// Both are secrets. They must never be logged or stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeAndCode {
    /// The challenge in the answer to the login.
    #[schema(max_length = 64, examples("kq3v0m5Yb2oW4nR8sT1uX6zA9cE7gH0jL5pQ2dF3iJk"))]
    pub challenge: String,
    /// The six digits that the authenticator app shows, or a backup code. Spaces and hyphens are ignored.
    #[schema(max_length = 64, examples("287082"))]
    pub code: String,
}

/// The account whose login waits for a second factor.
pub struct PendingLogin {
    /// The account's id.
    pub user: UserId,
    /// The account's TOTP secret.
    pub secret: Sealed,
}

/// Begins the second step of a login. Returns `None` if the account was changed since the password was
/// checked.
pub async fn begin_login(db: &Database, password: &CheckedPassword<'_>) -> Result<Option<Challenge>> {
    let challenge = OpaqueToken::random()?;
    let is_begun = db::factor::begin(db, password, &challenge.hash()).await?;
    Ok(is_begun
        .then(|| Challenge { challenge: challenge.to_text(), factors: [Factor::Totp, Factor::BackupCode] }))
}

/// Completes a login: a challenge and a code start a session. `device` is the token of the browser, if it has
/// one.
///
/// # Errors
/// [`Error::InvalidChallenge`] if no login waits under the challenge. [`Error::TooManyAttempts`], before the
/// code is checked. [`Error::InvalidCode`] if the code is wrong, or was used before; the audit log has an
/// entry then.
pub async fn complete_login(
    db: &Database,
    tokens: &Tokens,
    factors: &Factors,
    limits: AttemptLimits,
    given: ChallengeAndCode,
    device: Option<OpaqueToken>,
    visit: &Visit,
) -> Result<Started> {
    let challenge = OpaqueToken::parse(&given.challenge).ok_or(Error::InvalidChallenge)?.hash();
    let code = Code::parse(&given.code);
    let action = if matches!(code, Ok(Code::Backup(_))) { Action::BackupCode } else { Action::Factor };
    let attempt = |account: &str| {
        Attempt::new(action, limits, Subject { address: visit.address, account, ..Subject::default() })
    };
    let pending = db::factor::find_pending(db, &challenge, &attempt("")).await?;
    let PendingLogin { user, secret } = pending.ok_or(Error::InvalidChallenge)?;
    let completed = async {
        let proof = factors.prove(user, &secret, &code?).await?;
        let starting = Starting::prepare(tokens, user, device).await?;
        let attempt = attempt(&user.to_string());
        let begun = db::factor::complete(db, &starting.new, &challenge, &proof, &attempt, visit).await?;
        Ok(starting.finish(begun))
    };
    let completed = completed.await;
    if matches!(completed, Err(Error::InvalidCode)) {
        db::factor::record_wrong_code(db, user, visit).await?;
    }
    completed
}
