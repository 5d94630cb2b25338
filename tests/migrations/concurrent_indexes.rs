//! Indexes that a migration creates without blocking writes, by `create index concurrently`.

use std::path::{Path, PathBuf};

use migrate::{Capabilities, Command, CommandOutput, Schema};
use sqlx::migrate::Migrator;
use tests::TestDatabase;
use tokio_postgres::Client;

/// The number of the migration that creates the index.
const NUMBER: i64 = 9001;

/// All migrations of the vault, and one that creates an index.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("docuvault-test-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&folder).unwrap();
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
        for file in std::fs::read_dir(migrations).unwrap() {
            let path = file.unwrap().path();
            std::fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
        let write = |name: &str, statement: &str| {
            let text = format!("-- no-transaction\n{statement};\n");
            std::fs::write(folder.join(format!("{NUMBER}_index.{name}.sql")), text).unwrap();
        };
        write("up", "create index concurrently if not exists documents_by_etag on documents (etag)");
        write("down", "drop index concurrently if exists documents_by_etag");
        Self(folder)
    }

    /// Returns what `migrate` needs to apply these migrations. A statement waits for a lock as long as
    /// `lock_timeout` says.
    async fn capabilities(&self, database: &TestDatabase, lock_timeout: &str) -> Capabilities {
        let mut migrations = Migrator::new(self.0.as_path()).await.unwrap();
        migrations.set_locking(false);
        let own = database.migrate_capabilities();
        let url = format!("{}&options=-c%20lock_timeout%3D{lock_timeout}", own.url);
        Capabilities { url, migrations, ..own }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}

async fn run(with: &Capabilities, schema: Schema) -> Result<Vec<i64>, String> {
    match migrate::handle(with, Command::Migrate(schema)).await {
        Ok(CommandOutput::Schema { outstanding, .. }) => Ok(outstanding),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

/// Opens a transaction that has a lock of writers on the table. `create index concurrently` waits until it
/// has ended. Only after that does it wait for older snapshots.
async fn open_transaction(database: &TestDatabase) -> Client {
    let client = database.connect_as("docuvault_app").await;
    client.batch_execute("begin; delete from documents where false").await.unwrap();
    client
}

/// Returns the id of the index, and whether it is valid. `None` if there is no index.
async fn find_index(database: &TestDatabase) -> Option<(u32, bool)> {
    let statement =
        "select indexrelid, indisvalid from pg_index where indexrelid = to_regclass('documents_by_etag')";
    let row = database.superuser().await.query_opt(statement, &[]).await.unwrap()?;
    Some((row.get(0), row.get(1)))
}

/// Waits until this many sessions have a state.
async fn wait_for_sessions(database: &TestDatabase, count: i64, state: &str) {
    let statement = format!(
        "select count(*) = {count} from pg_stat_activity where datname = current_database() and {state}"
    );
    database.wait_until(&statement).await;
}

/// The state of a session that creates an index, and waits until older transactions have ended.
const WAITS_FOR_TRANSACTIONS: &str = "query like '%create index concurrently%' and wait_event_type = 'Lock'";

#[tokio::test]
async fn an_index_is_created_and_dropped_outside_a_transaction() {
    let (database, folder) = (TestDatabase::migrated().await, Folder::new());
    let with = folder.capabilities(&database, "30s").await;
    for _ in 0..2 {
        assert_eq!(run(&with, Schema::Up).await, Ok(vec![]));
        assert!(matches!(find_index(&database).await, Some((_, true))));
        assert_eq!(run(&with, Schema::Down(NUMBER - 1)).await, Ok(vec![NUMBER]));
        assert_eq!(find_index(&database).await, None);
    }
}

#[tokio::test]
async fn a_run_that_waits_for_another_does_not_block_its_index() {
    let (database, folder) = (TestDatabase::migrated().await, Folder::new());
    let (one, two) =
        (folder.capabilities(&database, "30s").await, folder.capabilities(&database, "30s").await);
    let open = open_transaction(&database).await;
    let second = async {
        wait_for_sessions(&database, 1, WAITS_FOR_TRANSACTIONS).await;
        let waits = async {
            wait_for_sessions(&database, 1, "query like '%advisory_lock%' and pid <> pg_backend_pid()").await;
            open.batch_execute("commit").await.unwrap();
        };
        tokio::join!(run(&two, Schema::Up), waits).0
    };
    assert_eq!(tokio::join!(run(&one, Schema::Up), second), (Ok(vec![]), Ok(vec![])));
    assert!(matches!(find_index(&database).await, Some((_, true))));
}

#[tokio::test]
async fn an_index_whose_creation_was_interrupted_is_created_again() {
    let (database, folder) = (TestDatabase::migrated().await, Folder::new());
    let with = folder.capabilities(&database, "100ms").await;
    let open = open_transaction(&database).await;
    let interrupted = run(&with, Schema::Up).await.unwrap_err();
    assert!(interrupted.contains("lock timeout"), "{interrupted}");
    let (unfinished, valid) = find_index(&database).await.unwrap();
    assert!(!valid);
    assert_eq!(run(&with, Schema::Status).await, Ok(vec![NUMBER]));
    open.batch_execute("commit").await.unwrap();
    assert_eq!(run(&with, Schema::Up).await, Ok(vec![]));
    let (created, valid) = find_index(&database).await.unwrap();
    assert!(valid && created != unfinished);
}

#[tokio::test]
async fn an_index_whose_removal_was_interrupted_is_created_again() {
    let (database, folder) = (TestDatabase::migrated().await, Folder::new());
    let with = folder.capabilities(&database, "100ms").await;
    assert_eq!(run(&with, Schema::Up).await, Ok(vec![]));
    let (first, _) = find_index(&database).await.unwrap();
    let open = open_transaction(&database).await;
    let interrupted = run(&with, Schema::Down(NUMBER - 1)).await.unwrap_err();
    assert!(interrupted.contains("lock timeout"), "{interrupted}");
    assert_eq!(find_index(&database).await, Some((first, false)));
    assert_eq!(run(&with, Schema::Status).await, Ok(vec![]), "the migration is recorded as applied");
    open.batch_execute("commit").await.unwrap();
    assert_eq!(run(&with, Schema::Up).await, Ok(vec![]));
    let (created, valid) = find_index(&database).await.unwrap();
    assert!(valid && created != first);
}

#[tokio::test]
async fn an_index_that_an_operator_creates_is_left_alone_and_found() {
    let (database, folder) = (TestDatabase::migrated().await, Folder::new());
    let with = folder.capabilities(&database, "30s").await;
    let open = open_transaction(&database).await;
    let operator = database.connect_as("docuvault_migrate").await;
    let by_hand = async {
        operator
            .batch_execute("create index concurrently documents_by_etag on documents (etag)")
            .await
            .unwrap();
    };
    let meanwhile = async {
        wait_for_sessions(&database, 1, WAITS_FOR_TRANSACTIONS).await;
        let refused = run(&with, Schema::Up).await.unwrap_err();
        assert!(refused.contains("documents_by_etag is being created by another session"), "{refused}");
        open.batch_execute("commit").await.unwrap();
    };
    tokio::join!(by_hand, meanwhile);
    let created = find_index(&database).await;
    assert!(matches!(created, Some((_, true))));
    assert_eq!(run(&with, Schema::Up).await, Ok(vec![]));
    assert_eq!(find_index(&database).await, created);
}
