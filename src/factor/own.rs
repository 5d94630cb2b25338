//! What an account does with its own second factor: set it up, enable it, disable it, renew its backup codes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::backup_code::{self, BackupCode};
use super::{Code, Factors, Proof, Sealed, random, totp};
use crate::auth::{Tokens, User};
use crate::config::{AttemptLimits, RequireFactor};
use crate::db::Database;
use crate::db::factor::Enabling;
use crate::limit::{Action, Attempt, Subject};
use crate::password::{self, Verdict};
use crate::session::{SignedIn, Started, Starting};
use crate::token::OpaqueToken;
use crate::visit::Visit;
use crate::{Error, Result, db};

/// The columns of an account's row about its second factor.
pub struct OwnFactor {
    /// The e-mail address.
    pub email: String,
    /// The hash of the password, as a PHC string.
    pub password_hash: String,
    /// The TOTP secret, if there is one.
    pub secret: Option<Sealed>,
    /// True if logins need a code.
    pub enabled: bool,
}

/// The password, which a setup of TOTP needs.
// The password is plain text. It must never be logged or stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpPassword {
    /// The password.
    #[schema(format = Password, max_length = 128, examples("Correct-Horse-7"))]
    pub password: String,
}

/// A code of the new secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpCode {
    /// The six digits that the authenticator app shows. Spaces and hyphens are ignored.
    #[schema(max_length = 64, examples("287082"))]
    pub code: String,
}

/// The password and a code.
// Both are plain text. They must never be logged or stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAndCode {
    /// The password.
    #[schema(format = Password, max_length = 128, examples("Correct-Horse-7"))]
    pub password: String,
    /// The six digits that the authenticator app shows, or a backup code. Spaces and hyphens are ignored.
    #[schema(max_length = 64, examples("287082"))]
    pub code: String,
}

/// A new TOTP secret, which is not yet in use.
#[derive(Serialize, ToSchema)]
pub struct NewTotp {
    /// The secret in base 32, to be typed into an authenticator app.
    #[schema(examples("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"))]
    pub secret: String,
    /// The same as a URL, which authenticator apps open.
    #[schema(examples(
        "otpauth://totp/DocuVault:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=DocuVault"
    ))]
    pub otpauth_url: String,
    /// The URL as a QR code: an image in SVG.
    #[schema(examples("<?xml version=\"1.0\" standalone=\"yes\"?><svg>...</svg>"))]
    pub qr_svg: String,
}

/// New backup codes. They are shown once: the vault has only their hashes.
#[derive(Serialize, ToSchema)]
pub struct BackupCodes {
    /// The ten codes, each for one use.
    #[schema(max_items = 10, examples("7K3M-QX2V-9D4T-H0BN-Z6RA-1FWE"))]
    pub codes: Vec<String>,
}

/// The answer when TOTP was enabled: the backup codes, and the tokens of a new session.
#[derive(Serialize, ToSchema)]
pub struct EnabledTotp {
    /// The backup codes.
    #[serde(flatten)]
    pub backup_codes: BackupCodes,
    /// The new session.
    #[serde(flatten)]
    pub session: SignedIn,
}

/// A request of somebody who changes the second factor of the own account.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    /// Holds the accounts.
    pub db: &'a Database,
    /// Checks and encrypts second factors.
    pub factors: &'a Factors,
    /// The setting of the limits of attempts.
    pub limits: AttemptLimits,
    /// The caller.
    pub user: User,
    /// The origin of the request.
    pub visit: &'a Visit,
}

/// Makes a new TOTP secret for the caller. It is not in use before [`enable`]. Another secret that is not in
/// use is replaced.
///
/// # Errors
/// [`Error::InvalidCredentials`] if the password is wrong. [`Error::TotpEnabled`] if a secret is in use.
/// [`Error::TooManyAttempts`].
pub async fn set_up(change: Change<'_>, given: TotpPassword) -> Result<NewTotp> {
    let Change { db, factors, user, .. } = change;
    let (own, attempt) = change.find().await?;
    change.check_password(&own, &given.password).await?;
    if own.enabled {
        return Err(Error::TotpEnabled);
    }
    let secret: [u8; totp::SECRET_BYTES] = random()?;
    let sealed = factors.keys.seal(user.id, &secret).await?;
    db::factor::set_up(db, user, &own.password_hash, &sealed, &attempt).await?;
    let totp::Shown { secret, url, qr_svg } = totp::show(&secret, &own.email)?;
    Ok(NewTotp { secret, otpauth_url: url, qr_svg })
}

/// Puts the new secret into use, ends all sessions of the caller, and starts a new one. The code proves that
/// the caller's app has the secret. `device` is the token of the browser, if it has one.
///
/// # Errors
/// [`Error::InvalidCode`] if the code is wrong. [`Error::TotpEnabled`] if a secret is in use already.
/// [`Error::TotpNotSetUp`] if there is no secret. [`Error::TooManyAttempts`].
pub async fn enable(
    change: Change<'_>,
    tokens: &Tokens,
    device: Option<OpaqueToken>,
    given: TotpCode,
) -> Result<(BackupCodes, Started)> {
    let Change { db, user, visit, .. } = change;
    let (own, attempt) = change.find().await?;
    if own.enabled {
        return Err(Error::TotpEnabled);
    }
    let secret = own.secret.ok_or(Error::TotpNotSetUp)?;
    let code = Code::parse(&given.code).and_then(|code| match code {
        Code::Totp(_) => Ok(code),
        Code::Backup(_) => Err(Error::InvalidCode),
    });
    let proof = change.prove(&secret, code).await?;
    let (codes, hashes) = generate_backup_codes()?;
    let starting = Starting::prepare(tokens, user.id, device).await?;
    let enabling = Enabling { password_hash: &own.password_hash, proof: &proof, backup_codes: &hashes };
    let enabled = db::factor::enable(db, user, &starting.new, visit, enabling, &attempt).await;
    let begun = change.record_wrong_code(enabled).await?;
    Ok((codes, starting.finish(begun)))
}

/// Removes the caller's TOTP secret and backup codes. `required` says which accounts owe a factor then.
///
/// # Errors
/// [`Error::InvalidCredentials`] if the password is wrong, [`Error::InvalidCode`] if the code is.
/// [`Error::TotpNotEnabled`] if no secret is in use. [`Error::TooManyAttempts`].
pub async fn disable(change: Change<'_>, required: RequireFactor, given: PasswordAndCode) -> Result<()> {
    let confirmed = change.confirm(&given).await?;
    let disabled = db::factor::disable(change.db, change.user, change.visit, &confirmed, required).await;
    change.record_wrong_code(disabled).await
}

/// Replaces the caller's backup codes. Returns the new ones.
///
/// # Errors
/// As [`disable`].
pub async fn renew(change: Change<'_>, given: PasswordAndCode) -> Result<BackupCodes> {
    let confirmed = change.confirm(&given).await?;
    let (codes, hashes) = generate_backup_codes()?;
    let renewed = db::factor::renew(change.db, change.user, change.visit, &confirmed, &hashes).await;
    change.record_wrong_code(renewed).await?;
    Ok(codes)
}

/// A change that the caller has confirmed with the password and a code. The code is not used up yet.
pub struct Confirmed {
    /// The hash that the password matched.
    pub password_hash: String,
    /// The code.
    pub proof: Proof,
    /// The attempt, which has succeeded.
    pub attempt: Attempt,
}

impl Change<'_> {
    /// Counts the attempt, and reads the second factor.
    async fn find(&self) -> Result<(OwnFactor, Attempt)> {
        let account = self.user.id.to_string();
        let subject = Subject { account: &account, ..Subject::default() };
        let attempt = Attempt::new(Action::Reauthentication, self.limits, subject);
        Ok((db::factor::find(self.db, self.user, &attempt).await?, attempt))
    }

    /// Checks the password. The audit log gets an entry if it is wrong.
    async fn check_password(&self, own: &OwnFactor, password: &str) -> Result<()> {
        match password::verify(password, &own.password_hash).await? {
            Verdict::Right | Verdict::Outdated => Ok(()),
            Verdict::Wrong => {
                db::account::record_failed_login(self.db, Some(self.user.id), self.visit).await?;
                Err(Error::InvalidCredentials)
            }
        }
    }

    /// Checks a code. The audit log gets an entry if it is wrong.
    async fn prove(&self, secret: &Sealed, code: Result<Code>) -> Result<Proof> {
        let proof = match code {
            Ok(code) => self.factors.prove(self.user.id, secret, &code).await,
            Err(error) => Err(error),
        };
        self.record_wrong_code(proof).await
    }

    /// Writes an entry to the audit log if the result is that a code is wrong. Returns the result.
    async fn record_wrong_code<T>(&self, result: Result<T>) -> Result<T> {
        if matches!(result, Err(Error::InvalidCode)) {
            db::factor::record_wrong_code(self.db, self.user.id, self.visit).await?;
        }
        result
    }

    /// Checks the password, and then the code.
    async fn confirm(&self, given: &PasswordAndCode) -> Result<Confirmed> {
        let (own, attempt) = self.find().await?;
        self.check_password(&own, &given.password).await?;
        let secret = own.secret.as_ref().filter(|_| own.enabled).ok_or(Error::TotpNotEnabled)?;
        let proof = self.prove(secret, Code::parse(&given.code)).await?;
        Ok(Confirmed { password_hash: own.password_hash, proof, attempt })
    }
}

fn generate_backup_codes() -> Result<(BackupCodes, Vec<Vec<u8>>)> {
    let codes: Vec<_> =
        std::iter::repeat_with(BackupCode::generate).take(backup_code::COUNT).collect::<Result<_>>()?;
    let hashes = codes.iter().map(BackupCode::hash).collect();
    Ok((BackupCodes { codes: codes.iter().map(ToString::to_string).collect() }, hashes))
}
