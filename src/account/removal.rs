//! The removal of an account by its owner.

use crate::auth::User;
use crate::config::AttemptLimits;
use crate::db::Database;
use crate::factor::Factors;
use crate::passkey::{Reauthentication, reauthenticate};
use crate::visit::Visit;
use crate::{Result, db};

/// Removes the caller's account. It cannot be used from now on, and the sweep removes what belonged to it.
///
/// # Errors
/// As [`reauthenticate`]. [`Error::LastAdministrator`](crate::Error::LastAdministrator) if nobody else is an
/// active administrator.
pub async fn remove_own(
    db: &Database,
    factors: &Factors,
    limits: AttemptLimits,
    user: User,
    visit: &Visit,
    given: &Reauthentication,
) -> Result<()> {
    let (_, proven) = reauthenticate(db, factors, limits, user, visit, given).await?;
    db::removal::begin_own(db, user, &proven.password_hash, visit).await
}
