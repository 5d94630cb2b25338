//! The schema, forward and back, and the first administrator: `{"migrate": "up"}`, `{"migrate": {"down":
//! 2}}`, `{"migrate": "status"}`, `{"create_admin": "<email>"}`.

mod keys;

use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::storage::{Storage, Versioning};
use docuvault::{account, config};
use serde::{Deserialize, Serialize};
use sqlx::migrate::{Migrate as _, MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection};

/// Every migration, built in. Each is applied once, in order, in a transaction, under an advisory lock on the
/// database; one that was edited after it was applied is refused.
static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// `migrate` works as the owner of the schema, and looks at the bucket's settings.
pub struct Capabilities {
    /// Accounts and the keys of names, as the owner of the schema.
    pub db: Database,
    /// `DATABASE_MIGRATE_URL`.
    pub url: String,
    /// The store, which says whether its bucket keeps deleted objects; none if no bucket is named.
    pub storage: Option<Storage>,
}

impl FromEnv for Capabilities {
    async fn from_env() -> Result<Self, function::Error> {
        let (database, url) = config::DatabaseConfig::migrate_from_env()?;
        let storage = config::StorageConfig::optional_from_env()?.map(Storage::new);
        Ok(Self { db: Database::new(database), url, storage })
    }
}

/// What can be asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Change the schema, or tell how it is.
    Migrate(Schema),
    /// Make an administrator with this e-mail address.
    CreateAdmin(String),
}

/// What can be done to the schema.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schema {
    /// Apply what is not applied, and write the keys of names that have none.
    Up,
    /// Take back everything above this number. Rows that a migration removed do not come back.
    Down(i64),
    /// Tell which migrations are applied.
    Status,
}

/// The answer to a command.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The state of the schema.
    Schema {
        /// The numbers of the applied migrations, in ascending order.
        applied: Vec<i64>,
        /// The numbers of the migrations that are not applied, in ascending order.
        outstanding: Vec<i64>,
        /// What an operator should look at.
        #[serde(skip_serializing_if = "Option::is_none")]
        warning: Option<String>,
    },
    /// The administrator's password until the first login.
    Admin {
        /// The password. It is shown only in this answer.
        temporary_password: String,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database could not be reached.
    #[error("DATABASE_MIGRATE_URL: {0}")]
    Database(#[from] sqlx::Error),
    /// The vault promises that deleted is gone.
    #[error(
        "the bucket is versioned and would keep what is deleted: suspend versioning, or use another bucket (docs/STORES.md)"
    )]
    Versioned,
    /// A migration failed or was refused.
    #[error(transparent)]
    Migration(#[from] MigrateError),
    /// The administrator could not be made, or a key not be written.
    #[error(transparent)]
    Vault(#[from] docuvault::Error),
}

/// Does what the command says.
pub async fn handle(with: &Capabilities, command: Command) -> Result<Answer, Error> {
    match command {
        Command::Migrate(Schema::Up) => {
            let warning = check_bucket(with.storage.as_ref()).await?;
            migrate(with, Schema::Up, warning).await
        }
        Command::Migrate(schema) => migrate(with, schema, None).await,
        Command::CreateAdmin(email) => {
            Ok(Answer::Admin { temporary_password: account::create_admin(&with.db, &email).await? })
        }
    }
}

/// Refuses a bucket that keeps what is deleted; answers what should be looked at. A store that does not
/// answer keeps nobody from a new schema.
async fn check_bucket(storage: Option<&Storage>) -> Result<Option<String>, Error> {
    let Some(storage) = storage else { return Ok(None) };
    match storage.versioning().await {
        Ok(Versioning::Off) => Ok(None),
        Ok(Versioning::On) => Err(Error::Versioned),
        Ok(Versioning::Suspended) => Ok(Some(
            "the bucket's versioning is suspended: older versions may be left (docs/STORES.md)".into(),
        )),
        Err(error) => Ok(Some(format!("the bucket does not tell whether it is versioned: {error}"))),
    }
}

async fn migrate(with: &Capabilities, schema: Schema, warning: Option<String>) -> Result<Answer, Error> {
    let mut connection = PgConnection::connect_with(&options(&with.url)?).await?;
    match schema {
        Schema::Up => {
            MIGRATIONS.run(&mut connection).await?;
            keys::fill(&with.db).await?;
        }
        Schema::Down(to) => MIGRATIONS.undo(&mut connection, to).await?,
        Schema::Status => connection.ensure_migrations_table(&MIGRATIONS.table_name).await?,
    }
    let answer = status(&mut connection, warning).await?;
    connection.close().await?;
    Ok(answer)
}

/// TLS with a verified name unless the URL says `sslmode=disable`, as for every other function;
/// `PGSSLROOTCERT` names a file of roots that the system does not know, such as those of RDS.
fn options(url: &str) -> Result<PgConnectOptions, Error> {
    let options: PgConnectOptions = url.parse()?;
    Ok(match options.get_ssl_mode() {
        PgSslMode::Disable => options,
        _ => options.ssl_mode(PgSslMode::VerifyFull),
    })
}

async fn status(connection: &mut PgConnection, warning: Option<String>) -> Result<Answer, Error> {
    let applied: Vec<i64> = connection
        .list_applied_migrations(&MIGRATIONS.table_name)
        .await?
        .into_iter()
        .map(|migration| migration.version)
        .collect();
    let outstanding = MIGRATIONS
        .iter()
        .filter(|migration| {
            migration.migration_type.is_up_migration() && !applied.contains(&migration.version)
        })
        .map(|migration| migration.version)
        .collect();
    Ok(Answer::Schema { applied, outstanding, warning })
}
