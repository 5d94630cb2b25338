//! Functions of the previous release still run while a new release is deployed, and again if it is rolled
//! back. So their statements must have the same answers on the new schema. `releases/previous.toml` has these
//! statements, with their parameters and answers. Here they are sent to a database with all migrations.

mod careless_migrations;
mod record;
mod replay;
mod scenario;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tests::TestDatabase;
use tokio::sync::OnceCell;

use crate::round_trip::versions;
use record::{Record, name_in};

/// Statements of the source that a record does not have, because they name no table or column of the vault.
const NOT_RECORDED: [&str; 7] = [
    // It would set the password of the role for the whole server.
    "login::set_app_password",
    "schema::try_lock",
    "schema::unlock",
    "schema::end_holder",
    "schema::find_unfinished_indexes",
    "schema::drop_index",
    "schema::forget",
];

/// The folder of the repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Returns the record of this source, with the answers of this schema. All tests share it.
async fn record_of_this_source() -> &'static Record {
    static RECORD: OnceCell<Record> = OnceCell::const_new();
    RECORD.get_or_init(make_record).await
}

async fn make_record() -> Record {
    let (database, other) = (TestDatabase::migrated().await, TestDatabase::migrated().await);
    let [app, owner] = scenario::send_all(&database).await;
    let mut record = Record {
        release: newest_release(),
        migration: versions(|_| true).pop().unwrap(),
        statements: BTreeMap::new(),
        steps: Vec::new(),
    };
    record.add("docuvault_app", &app, database.superuser().await).await;
    record.add("docuvault_migrate", &owner, database.superuser().await).await;
    record.number_ids();
    let record = replay::replay(&other, &record).await.unwrap();
    assert_eq!(count_rows(&other).await, count_rows(&database).await, "the replay changes the same rows");
    record
}

/// Counts the rows of each table.
async fn count_rows(database: &TestDatabase) -> BTreeMap<String, i64> {
    let client = database.superuser().await;
    let names = "select tablename::text from pg_tables where schemaname = 'public'";
    let mut counts = BTreeMap::new();
    for row in client.query(names, &[]).await.unwrap() {
        let name: String = row.get(0);
        let count = client.query_one(&format!("select count(*) from {name}"), &[]).await.unwrap().get(0);
        counts.insert(name, count);
    }
    counts
}

/// Returns the newest release in the changelog, or `Unreleased` if it has none.
fn newest_release() -> String {
    let changelog = std::fs::read_to_string(format!("{ROOT}/CHANGELOG.md")).unwrap();
    let headings = changelog.lines().filter_map(|line| line.strip_prefix("## ["));
    let mut releases = headings.filter_map(|heading| Some(heading.split_once(']')?.0));
    let unreleased = releases.next().unwrap();
    releases.next().unwrap_or(unreleased).to_owned()
}

/// Adds the names of the statements in a file or a folder of the source.
fn add_names(path: &Path, names: &mut BTreeSet<String>) {
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| add_names(&entry.unwrap().path(), names));
        return;
    }
    for text in std::fs::read_to_string(path).unwrap().split("\"-- ").skip(1) {
        let name = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').next().unwrap();
        names.extend((!name.is_empty()).then(|| name.to_owned()));
    }
}

#[tokio::test]
async fn statements_of_the_previous_release_have_the_same_answers_on_the_newest_schema() {
    let (database, record) = (TestDatabase::migrated().await, Record::read());
    let answered = replay::replay(&database, &record).await.unwrap();
    replay::compare(&record, &answered).unwrap();
}

#[test]
fn the_record_is_of_the_newest_release() {
    let Record { release, migration, .. } = Record::read();
    assert_eq!(release, newest_release(), "record the statements of the release: ./dev record");
    assert!(versions(|_| true).contains(&migration));
}

/// `./dev record` runs this test, which then also writes the record.
#[tokio::test]
async fn a_record_has_every_statement_of_the_source() {
    let record = record_of_this_source().await;
    let mut expected = BTreeSet::new();
    for path in ["src/db.rs", "src/db"] {
        add_names(&Path::new(ROOT).join(path), &mut expected);
    }
    assert!(expected.contains("ping") && expected.contains("upload::begin"), "{expected:?}");
    expected.retain(|name| !NOT_RECORDED.contains(&name.as_str()));
    let recorded = record.statements.values().map(|statement| name_in(&statement.text).to_owned());
    let recorded: BTreeSet<_> = recorded.filter(|name| !name.starts_with("scenario::")).collect();
    assert_eq!(recorded, expected, "tests/migrations/releases/scenario.rs sends every statement");
    #[expect(clippy::disallowed_methods, reason = "a setting of ./dev")]
    if std::env::var("RECORD_RELEASE").is_ok() {
        record.write();
    }
}

#[tokio::test]
async fn a_record_can_be_replayed_at_any_time() {
    let (database, record) = (TestDatabase::migrated().await, record_of_this_source().await);
    let answered = replay::replay(&database, record).await.unwrap();
    replay::compare(record, &answered).unwrap();
}
