//! The removal of an account by its owner.

use crate::auth::User;
use crate::config::AttemptLimits;
use crate::db::Database;
use crate::db::factor::ProofParams;
use crate::factor::Factors;
use crate::passkey::{Proven, Reauthentication, reauthenticate};
use crate::visit::Visit;
use crate::{Error, Result, db};

/// Removes the caller's account. It cannot be used from now on, and the sweep removes what belonged to it. A
/// wrong code is in the audit log, as a wrong password is.
///
/// # Errors
/// As [`reauthenticate`]. [`Error::LastAdministrator`] if nobody else is an active administrator.
pub async fn remove_own(
    db: &Database,
    factors: &Factors,
    limits: AttemptLimits,
    user: User,
    visit: &Visit,
    given: &Reauthentication,
) -> Result<()> {
    let begun = match reauthenticate(db, factors, limits, user, visit, given).await {
        Ok((_, Proven { password_hash, factor, .. })) => {
            let code = factor.as_ref().map(ProofParams::new).unwrap_or_default();
            db::removal::begin_own(db, user, &password_hash, &code, visit).await
        }
        Err(error) => Err(error),
    };
    if matches!(begun, Err(Error::InvalidCode)) {
        db::factor::record_wrong_code(db, user.id, visit).await?;
    }
    begun
}
