//! The password of the role `docuvault_app`.

use super::{Database, Retry};
use crate::Result;

/// Sets the password. The statement contains only a hash of it (SCRAM-SHA-256), because the server may log
/// statements.
pub async fn set_app_password(db: &Database, password: &str) -> Result<()> {
    let hash = postgres_protocol::password::scram_sha_256(password.as_bytes());
    // This statement takes no parameters. The hash has no characters that need escaping.
    let statement = format!("-- login::set_app_password\nalter role docuvault_app password '{hash}'");
    db.query(Retry::Safe, &statement, &[]).await?;
    Ok(())
}
