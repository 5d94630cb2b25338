//! Applies and undoes migrations. One run does so at a time.

use docuvault::db::schema::{FIND_UNFINISHED_INDEXES, FORGET, drop_index};
use docuvault::deadline::Deadline;
use docuvault::storage::{Storage, Versioning};
use sqlx::migrate::{Migrate as _, Migration, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::{Capabilities, CommandOutput, Error, keys, lock};

/// Returns the migrations that are part of the program. Each is applied once, in ascending order, in a
/// transaction unless its file begins with `-- no-transaction`. A migration that was edited after it was
/// applied is refused.
pub fn own_migrations() -> Migrator {
    let migrations = sqlx::migrate!("../../migrations");
    without_lock(migrations.iter().cloned().collect())
}

/// Returns the migrations for a stack. It may be rolled back to this release from a later one, whose
/// migrations stay applied. For an operator, unknown migrations are an error.
pub(crate) fn stack_migrations(with: &Capabilities) -> Migrator {
    let mut migrations = without_lock(with.migrations.iter().cloned().collect());
    migrations.set_ignore_missing(true);
    migrations
}

/// Returns a migrator that takes no lock, because `lock::hold` takes it.
fn without_lock(migrations: Vec<Migration>) -> Migrator {
    let mut migrations = Migrator::with_migrations(migrations);
    migrations.set_locking(false);
    migrations
}

/// Applies all outstanding migrations, and writes missing name keys. A migration that is not finished at
/// `stop_at` is stopped.
pub(crate) async fn up(
    with: &Capabilities,
    migrations: &Migrator,
    stop_at: Deadline,
) -> Result<CommandOutput, Error> {
    let warning = check_bucket(with.storage.as_ref()).await?;
    let apply = async |connection: &mut PgConnection| {
        drop_unfinished_indexes(connection, migrations).await?;
        migrations.run(&mut *connection).await?;
        read_state(with, connection, warning).await
    };
    let state = lock::hold(with, stop_at, apply).await?;
    keys::write_missing(&with.db).await?;
    Ok(state)
}

/// Undoes all migrations above the number `to`.
pub(crate) async fn down(with: &Capabilities, to: i64) -> Result<CommandOutput, Error> {
    let undo = async |connection: &mut PgConnection| {
        with.migrations.undo(&mut *connection, to).await?;
        read_state(with, connection, None).await
    };
    lock::hold(with, Deadline::none(), undo).await
}

/// Tells which migrations are applied.
pub(crate) async fn status(with: &Capabilities) -> Result<CommandOutput, Error> {
    let mut connection = with.connect().await?;
    connection.ensure_migrations_table(&with.migrations.table_name).await?;
    let state = read_state(with, &mut connection, None).await?;
    connection.close().await?;
    Ok(state)
}

/// Drops the indexes that an interrupted run has left, so that their migrations create them again. If such a
/// migration is recorded as applied, its way back was interrupted, and the record is removed.
async fn drop_unfinished_indexes(connection: &mut PgConnection, migrations: &Migrator) -> Result<(), Error> {
    let indexes: Vec<(String, bool)> =
        sqlx::query_as(FIND_UNFINISHED_INDEXES).fetch_all(&mut *connection).await?;
    for (index, is_in_progress) in indexes {
        if is_in_progress {
            return Err(Error::IndexInProgress(index));
        }
        // Before the index is dropped: if this run is interrupted, too, the next one still finds the index.
        for migration in migrations.iter().filter(|migration| changes_index(migration, &index)) {
            sqlx::query(FORGET).bind(migration.version).execute(&mut *connection).await?;
        }
        connection.execute(AssertSqlSafe(drop_index(&index))).await?;
        tracing::warn!(index, "dropped an unfinished index");
    }
    Ok(())
}

/// Returns true if the migration creates or drops this index concurrently. It can be applied again, because
/// it does nothing if that is already done (`migrations/README.md`).
fn changes_index(migration: &Migration, index: &str) -> bool {
    let mut words = migration.sql.as_str().split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    migration.no_tx && migration.migration_type.is_up_migration() && words.any(|word| word == index)
}

/// Refuses a versioned bucket, because it would keep deleted objects. Returns a warning if versioning is
/// suspended. If the store does not answer, that is only a warning: the schema can be changed without it.
async fn check_bucket(storage: Option<&Storage>) -> Result<Option<String>, Error> {
    let Some(storage) = storage else { return Ok(None) };
    match storage.versioning().await {
        Ok(Versioning::Off) => Ok(None),
        Ok(Versioning::On) => Err(Error::Versioned),
        Ok(Versioning::Suspended) => Ok(Some(
            "the bucket's versioning is suspended: older versions may be left (docs/STORES.md)".into(),
        )),
        Err(error) => Ok(Some(format!("the store did not say whether the bucket is versioned: {error}"))),
    }
}

/// Reads which migrations are applied and which are outstanding.
async fn read_state(
    with: &Capabilities,
    connection: &mut PgConnection,
    warning: Option<String>,
) -> Result<CommandOutput, Error> {
    let applied: Vec<i64> = connection
        .list_applied_migrations(&with.migrations.table_name)
        .await?
        .into_iter()
        .map(|migration| migration.version)
        .collect();
    let outstanding = with
        .migrations
        .iter()
        .filter(|migration| {
            migration.migration_type.is_up_migration() && !applied.contains(&migration.version)
        })
        .map(|migration| migration.version)
        .collect();
    Ok(CommandOutput::Schema { applied, outstanding, warning })
}
