//! The role `docuvault_app`, with which the functions connect. On AWS the proxy of the database logs in with
//! it, and reads its password from the same secret.

use docuvault::config::StoredSecret;
use docuvault::db;
use docuvault::secret::{self, FromSecret};
use serde::Deserialize;
use sqlx::Connection as _;

use crate::{Capabilities, Error};

/// The two roles and their rights. Running it again sets only what is missing or differs.
const ROLES: &str = include_str!("../../../migrations/roles.sql");

const ROLE: &str = "docuvault_app";

/// The secret's text, in the form that RDS Proxy requires.
#[derive(Deserialize)]
struct AppLogin {
    username: String,
    password: String,
}

impl FromSecret for AppLogin {
    const NEEDS_PREVIOUS: bool = false;

    fn from_secret(current: &str, _: Option<&str>) -> Result<Self, String> {
        match serde_json::from_str::<Self>(current) {
            Ok(login) if login.username == ROLE => Ok(login),
            _ => Err(format!(r#"is not a JSON object with "username": "{ROLE}" and a "password""#)),
        }
    }
}

/// Creates the role if it does not exist, and gives it its rights and the password in the secret.
pub(crate) async fn prepare(with: &Capabilities, secret: StoredSecret) -> Result<(), Error> {
    let login: AppLogin = secret::read(secret).await?;
    let mut connection = with.connect().await?;
    sqlx::raw_sql(ROLES).execute(&mut connection).await?;
    connection.close().await?;
    Ok(db::login::set_app_password(&with.db, &login.password).await?)
}
