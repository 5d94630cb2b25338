use migrate::Schema;
use tests::TestDatabase;

use crate::{run, schema_lines};

/// Returns the migrations in order: version and text, from the files that are named
/// `<version>_<name>.up.sql`.
fn list_migrations() -> Vec<(i64, String)> {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let mut migrations: Vec<_> = paths
        .filter_map(|path| {
            let (version, _) = path.file_name()?.to_str()?.strip_suffix(".up.sql")?.split_once('_')?;
            Some((version.parse().unwrap(), std::fs::read_to_string(&path).unwrap()))
        })
        .collect();
    migrations.sort();
    migrations
}

/// Returns the numbers of the migrations that the closure admits.
pub fn versions(which: impl Fn(i64) -> bool) -> Vec<i64> {
    list_migrations().into_iter().map(|(version, _)| version).filter(|version| which(*version)).collect()
}

/// Returns the versions to step back to: from the last but one down to the first, and then 0, which stands
/// for an empty schema.
fn steps_back() -> impl Iterator<Item = i64> {
    versions(|_| true).into_iter().rev().skip(1).chain([0])
}

#[tokio::test]
async fn up_applies_every_migration_once() {
    let database = TestDatabase::empty().await;
    assert_eq!(run(&database, Schema::Status).await, Ok((vec![], versions(|_| true))));
    for _ in 0..2 {
        assert_eq!(run(&database, Schema::Up).await, Ok((versions(|_| true), vec![])));
    }
    assert_eq!(run(&database, Schema::Status).await, Ok((versions(|_| true), vec![])));
}

#[tokio::test]
async fn each_step_down_restores_the_schema_of_that_version() {
    let database = TestDatabase::empty().await;
    run(&database, Schema::Up).await.unwrap();
    for to in steps_back() {
        run(&database, Schema::Down(to)).await.unwrap();
        let by_hand = TestDatabase::empty().await;
        let owner = by_hand.connect_as("docuvault_migrate").await;
        for (_, migration) in list_migrations().iter().filter(|(version, _)| *version <= to) {
            owner.batch_execute(migration).await.unwrap();
        }
        schema_lines::assert_same(
            &schema_lines::read_schema(&database).await,
            &schema_lines::read_schema(&by_hand).await,
        );
    }
}

#[tokio::test]
async fn after_each_step_down_up_restores_the_newest_schema() {
    let database = TestDatabase::empty().await;
    run(&database, Schema::Up).await.unwrap();
    let whole = schema_lines::read_schema(&database).await;
    assert!(whole.len() > 100, "the schema could not be read");
    for to in steps_back() {
        let (applied, outstanding) = run(&database, Schema::Down(to)).await.unwrap();
        assert_eq!(applied, versions(|version| version <= to));
        assert_eq!(outstanding, versions(|version| version > to));
        run(&database, Schema::Up).await.unwrap();
        schema_lines::assert_same(&whole, &schema_lines::read_schema(&database).await);
    }
}

#[tokio::test]
async fn concurrent_runs_of_up_succeed_and_apply_each_migration_once() {
    let database = TestDatabase::empty().await;
    let up = || run(&database, Schema::Up);
    let (one, two, three) = tokio::join!(up(), up(), up());
    for runner in [one, two, three] {
        assert_eq!(runner, Ok((versions(|_| true), vec![])));
    }
    let rows = "select version from _sqlx_migrations where success order by version";
    let rows = database.superuser().await.query(rows, &[]).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.get(0)).collect::<Vec<i64>>(), versions(|_| true));
}
