//! Changes the schema, creates administrators, and deletes old entries of the audit log. An operator invokes
//! it with `{"migrate": "up"}`, `{"migrate": {"down": 2}}`, `{"migrate": "status"}` or
//! `{"create_admin": "<email>"}`. CloudFormation invokes it for each change of a stack (`stack`). A schedule
//! invokes it with `{"audit_log": "expire"}` every day.

mod app_role;
mod audit_log;
mod keys;
mod lock;
mod schema;
mod stack;

use docuvault::aws::ServiceError;
use docuvault::db::Database;
use docuvault::db::iam::IamTokens;
use docuvault::deadline::Deadline;
use docuvault::error::chain;
use docuvault::function::{self, FromEnv};
use docuvault::limits::SWEEP_RESERVE;
use docuvault::storage::Storage;
use docuvault::{account, config};
use lambda_runtime::LambdaEvent;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection};
use time::OffsetDateTime;

pub use schema::own_migrations;
pub use stack::{StackRequest, Status};

/// The clients of `migrate`, which works as the owner of the schema and checks the settings of the bucket.
pub struct Capabilities {
    /// Creates accounts and writes name keys.
    pub db: Database,
    /// The value of `DATABASE_MIGRATE_URL`. It may contain a password.
    pub url: String,
    /// The maker of tokens, if new connections use them as passwords.
    pub iam: Option<IamTokens>,
    /// The secret with the password of `docuvault_app`, which is set when a stack is created or updated. On
    /// other machines, the operator sets it.
    pub app_password: Option<config::StoredSecret>,
    /// The store, which tells whether its bucket is versioned, or `None` if no bucket is configured.
    pub storage: Option<Storage>,
    /// For how long entries of the audit log are kept.
    pub audit_log: config::AuditLogConfig,
    /// The migrations to apply: those that are part of the program.
    pub migrations: Migrator,
}

impl FromEnv for Capabilities {
    async fn from_env() -> Result<Self, function::Error> {
        let (database, url) = config::DatabaseConfig::migrate_from_env()?;
        let app_password = config::StoredSecret::app_password_from_env()?;
        let audit_log = config::AuditLogConfig::from_env()?;
        let storage = config::StorageConfig::optional_from_env()?.map(Storage::new);
        let iam = database.iam.as_ref().map(IamTokens::new);
        let (db, migrations) = (Database::new(database), own_migrations());
        Ok(Self { db, url, iam, app_password, storage, audit_log, migrations })
    }
}

impl Capabilities {
    /// Opens a connection as the owner of the schema.
    async fn connect(&self) -> Result<PgConnection, Error> {
        let mut options = connect_options(&self.url)?;
        if let Some(tokens) = &self.iam {
            options = options.password(&tokens.create(OffsetDateTime::now_utc())?);
        }
        Ok(PgConnection::connect_with(&options).await?)
    }
}

/// An event: the command of an operator, or the request of a stack.
pub enum Event {
    /// An operator invokes the function.
    Command(Command),
    /// CloudFormation invokes the function.
    Stack(StackRequest),
}

impl<'de> Deserialize<'de> for Event {
    /// Only a request of a stack has a `ResponseURL`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = serde_json::Value::deserialize(deserializer)?;
        let read = if event.get("ResponseURL").is_some() {
            serde_json::from_value(event).map(Self::Stack)
        } else {
            serde_json::from_value(event).map(Self::Command)
        };
        read.map_err(D::Error::custom)
    }
}

/// A command, as an operator or the schedule writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Migrate the schema, or tell its state.
    Migrate(Schema),
    /// Create an administrator with this e-mail address.
    CreateAdmin(String),
    /// Change the audit log.
    AuditLog(AuditLog),
}

/// The command about the audit log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditLog {
    /// Delete entries that are older than `AUDIT_LOG_DAYS`.
    Expire,
}

/// The three commands about the schema.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schema {
    /// Apply all outstanding migrations, and write missing name keys.
    Up,
    /// Undo all migrations above this number. Rows that a migration removed do not come back.
    Down(i64),
    /// Tell which migrations are applied.
    Status,
}

/// The output of a command.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum CommandOutput {
    /// The state of the schema.
    Schema {
        /// The numbers of the applied migrations, in ascending order.
        applied: Vec<i64>,
        /// The numbers of the migrations that are not applied, in ascending order.
        outstanding: Vec<i64>,
        /// A problem with the bucket that the operator should look at.
        #[serde(skip_serializing_if = "Option::is_none")]
        warning: Option<String>,
    },
    /// The new administrator's temporary password, which must be changed after the first login.
    Admin {
        /// The password. It is shown only in this answer.
        temporary_password: String,
    },
    /// The entries of the audit log that were deleted.
    AuditLog {
        /// Their number.
        expired_entries: i64,
        /// True if the time of the invocation ended before all old entries were deleted.
        cut_short: bool,
    },
    /// The answer that CloudFormation got.
    Stack {
        /// The answer's status. Its reason is in the log.
        answered: Status,
    },
}

/// The reason why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database could not be reached.
    #[error("DATABASE_MIGRATE_URL: {0}")]
    Database(#[from] sqlx::Error),
    /// The bucket is versioned, so it would keep deleted objects. The vault promises that they are gone.
    #[error(
        "the bucket is versioned and would keep deleted objects: suspend versioning, or use another bucket (docs/STORES.md)"
    )]
    Versioned,
    /// Another run did not end in time.
    #[error("another run of migrate still changes the schema: try again when it has ended")]
    Locked,
    /// The connection did not have the lock any more when the work was done. A pooler in transaction mode
    /// passes each statement to another connection, or resets the connection between two statements.
    #[error(
        "the lock on the schema was lost: DATABASE_MIGRATE_URL must name Postgres itself or RDS Proxy, not another pooler"
    )]
    LockLost,
    /// Somebody creates an index by hand.
    #[error("the index {0} is being created by another session: try again when that has ended")]
    IndexInProgress(String),
    /// A migration failed or was refused.
    #[error(transparent)]
    Migration(#[from] MigrateError),
    /// The administrator could not be created, or a name key could not be written.
    #[error(transparent)]
    Vault(#[from] docuvault::Error),
    /// The work for a stack takes longer than an invocation.
    #[error("the migration was stopped, because the invocation ends soon: migrate by hand, and try again")]
    TooSlow,
    /// CloudFormation could not be told the outcome.
    #[error("CloudFormation did not get the answer: {}", chain(.0))]
    Answer(ServiceError),
}

/// Handles an event.
///
/// # Errors
/// The command failed, or the answer to CloudFormation could not be sent.
pub async fn handle_event(with: &Capabilities, event: LambdaEvent<Event>) -> Result<CommandOutput, Error> {
    match event.payload {
        Event::Command(Command::AuditLog(AuditLog::Expire)) => {
            audit_log::expire(with, Deadline::new(&event.context, SWEEP_RESERVE)).await
        }
        Event::Command(command) => handle(with, command).await,
        Event::Stack(request) => stack::handle(with, &request, &event.context).await,
    }
}

/// Carries out a command, however long it takes.
pub async fn handle(with: &Capabilities, command: Command) -> Result<CommandOutput, Error> {
    match command {
        Command::Migrate(Schema::Up) => schema::up(with, &with.migrations, Deadline::none()).await,
        Command::Migrate(Schema::Down(to)) => schema::down(with, to).await,
        Command::Migrate(Schema::Status) => schema::status(with).await,
        Command::AuditLog(AuditLog::Expire) => audit_log::expire(with, Deadline::none()).await,
        Command::CreateAdmin(email) => {
            Ok(CommandOutput::Admin { temporary_password: account::create_admin(&with.db, &email).await? })
        }
    }
}

/// Parses the URL. As in all functions, the connection needs TLS with a verified host name, unless the URL
/// says `sslmode=disable`. `PGSSLROOTCERT` names a file of root certificates that the system does not have,
/// such as those of RDS.
fn connect_options(url: &str) -> Result<PgConnectOptions, Error> {
    let options: PgConnectOptions = url.parse()?;
    Ok(match options.get_ssl_mode() {
        PgSslMode::Disable => options,
        _ => options.ssl_mode(PgSslMode::VerifyFull),
    })
}
