use migrate::Schema;
use tests::TestDatabase;

use crate::{catalogue, run};

/// The files, as they are applied.
const UP: [(i64, &str); 8] = [
    (1, include_str!("../../migrations/0001_initial.up.sql")),
    (2, include_str!("../../migrations/0002_backup_codes.up.sql")),
    (3, include_str!("../../migrations/0003_isolation.up.sql")),
    (4, include_str!("../../migrations/0004_topics.up.sql")),
    (5, include_str!("../../migrations/0005_object_etag.up.sql")),
    (6, include_str!("../../migrations/0006_names.up.sql")),
    (7, include_str!("../../migrations/0007_limits.up.sql")),
    (8, include_str!("../../migrations/0008_lists.up.sql")),
];

fn versions(which: impl Fn(i64) -> bool) -> Vec<i64> {
    UP.iter().map(|(version, _)| *version).filter(|version| which(*version)).collect()
}

/// All but the last, and none, the latest first.
fn steps_back() -> impl Iterator<Item = i64> {
    UP.iter().rev().skip(1).map(|(version, _)| *version).chain([0])
}

#[tokio::test]
async fn from_empty_every_migration_is_applied_once() {
    let database = TestDatabase::empty().await;
    assert_eq!(run(&database, Schema::Status).await, Ok((vec![], versions(|_| true))));
    for _ in 0..2 {
        assert_eq!(run(&database, Schema::Up).await, Ok((versions(|_| true), vec![])));
    }
    assert_eq!(run(&database, Schema::Status).await, Ok((versions(|_| true), vec![])));
}

#[tokio::test]
async fn each_step_back_is_what_the_steps_before_it_had_made() {
    let database = TestDatabase::empty().await;
    run(&database, Schema::Up).await.unwrap();
    for to in steps_back() {
        run(&database, Schema::Down(to)).await.unwrap();
        let by_hand = TestDatabase::empty().await;
        let owner = by_hand.connect_as("docuvault_migrate").await;
        for (_, migration) in UP.iter().filter(|(version, _)| *version <= to) {
            owner.batch_execute(migration).await.unwrap();
        }
        catalogue::assert_same(&catalogue::of(&database).await, &catalogue::of(&by_hand).await);
    }
}

#[tokio::test]
async fn each_step_back_can_be_taken_forward_again() {
    let database = TestDatabase::empty().await;
    run(&database, Schema::Up).await.unwrap();
    let whole = catalogue::of(&database).await;
    assert!(whole.len() > 100, "the catalogue is read");
    for to in steps_back() {
        let (applied, outstanding) = run(&database, Schema::Down(to)).await.unwrap();
        assert_eq!(applied, versions(|version| version <= to));
        assert_eq!(outstanding, versions(|version| version > to));
        run(&database, Schema::Up).await.unwrap();
        catalogue::assert_same(&whole, &catalogue::of(&database).await);
    }
}

#[tokio::test]
async fn two_runners_at_once_both_succeed_and_apply_each_once() {
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
