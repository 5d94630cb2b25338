//! The settings of the connection to Postgres.

use hyper::http::uri::Authority;
use tokio_postgres::config::{Host, SslMode};

use super::{AwsConfig, ConfigError, Result, read_optional, read_required};

/// The settings of the connection to Postgres.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// The parsed connection string. The connection uses TLS unless the string says `sslmode=disable`.
    pub url: tokio_postgres::Config,
    /// The login by IAM tokens. `None`: the connection string has the password, if the server wants one.
    pub iam: Option<IamLogin>,
}

/// A login in which each new connection has an IAM token of its own as its password.
#[derive(Clone)]
pub struct IamLogin {
    /// The host and the port of the database or its proxy.
    pub address: Authority,
    /// The database role.
    pub user: String,
    /// The region of the database, and the credentials that sign tokens.
    pub aws: AwsConfig,
}

impl DatabaseConfig {
    /// Reads `DATABASE_URL` and `DATABASE_AUTH`. The URL names the role that reads and writes rows,
    /// `docuvault_app`.
    pub fn from_env() -> Result<Self> {
        Self::read("DATABASE_URL")
    }

    /// Reads `DATABASE_MIGRATE_URL` and `DATABASE_AUTH`. The URL names the role that owns the schema,
    /// `docuvault_migrate`. Returns the parsed settings and the connection string itself.
    pub fn migrate_from_env() -> Result<(Self, String)> {
        let variable = "DATABASE_MIGRATE_URL";
        Ok((Self::read(variable)?, read_required(variable, "the connection string of the schema's owner")?))
    }

    fn read(variable: &'static str) -> Result<Self> {
        let text = read_required(
            variable,
            "a Postgres connection string, postgres://user:password@host:port/database",
        )?;
        // The parser's own message may quote the text, and with it the password.
        let url = text.parse().map_err(|_| ConfigError {
            variable,
            problem:
                "is not a Postgres connection string: set it to postgres://user:password@host:port/database"
                    .into(),
        })?;
        let iam = if is_iam_required()? { Some(IamLogin::read(variable, &url)?) } else { None };
        Ok(Self { url, iam })
    }
}

/// Reads `DATABASE_AUTH`: `password`, the default, or `iam`.
fn is_iam_required() -> Result<bool> {
    let variable = "DATABASE_AUTH";
    match read_optional(variable)?.as_deref() {
        None | Some("password") => Ok(false),
        Some("iam") => Ok(true),
        Some(_) => Err(ConfigError { variable, problem: "is neither password nor iam: correct it".into() }),
    }
}

impl IamLogin {
    /// Finds the parts of the connection string for which tokens are signed.
    fn read(variable: &'static str, url: &tokio_postgres::Config) -> Result<Self> {
        let refuse = |problem: &str| ConfigError { variable, problem: problem.into() };
        if url.get_ssl_mode() == SslMode::Disable {
            return Err(refuse("disables TLS, which DATABASE_AUTH=iam requires: remove sslmode=disable"));
        }
        let user = url.get_user().ok_or_else(|| refuse("names no user, whom DATABASE_AUTH=iam requires"))?;
        let [Host::Tcp(host)] = url.get_hosts() else {
            return Err(refuse("does not name exactly one host, as DATABASE_AUTH=iam requires"));
        };
        let port = url.get_ports().first().copied().unwrap_or(5432);
        let address = format!("{host}:{port}").parse();
        Ok(Self {
            address: address.map_err(|_| refuse("has a host that is not a host name"))?,
            user: user.to_owned(),
            aws: AwsConfig::from_env()?,
        })
    }
}
