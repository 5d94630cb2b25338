//! A migration of a stack that takes longer than an invocation. It is stopped, so that the rollback of the
//! stack can run.

use std::time::{Duration, SystemTime};

use docuvault::limits::{ANSWER_RESERVE, STOP_TIMEOUT};
use lambda_runtime::{Context, LambdaEvent};
use migrate::{Capabilities, CommandOutput, Status};
use serde_json::Value;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use tests::functions::recorded_event;
use tests::{StackAnswers, TestDatabase};

/// The number of the migration that takes too long.
const NUMBER: i64 = 9001;

/// Returns what `migrate` needs for a release with one more migration.
fn with_migration(database: &TestDatabase, statements: &'static str) -> Capabilities {
    let own = database.migrate_capabilities();
    let text = statements.into_sql_str();
    let added = Migration::new(NUMBER, "added".into(), MigrationType::ReversibleUp, text, false);
    let mut migrations = Migrator::with_migrations(own.migrations.iter().cloned().chain([added]).collect());
    migrations.set_locking(false);
    Capabilities { migrations, ..own }
}

/// Invokes `migrate` as CloudFormation does. `work` is the time until an unfinished migration is stopped.
/// Returns the answer.
async fn update(with: &Capabilities, work: Duration) -> Value {
    let answers = StackAnswers::start().await;
    let event = serde_json::from_str(&answers.fill_in(&recorded_event("migrate-update"))).unwrap();
    let mut context = Context::default();
    let ends_at = SystemTime::now() + work + STOP_TIMEOUT + ANSWER_RESERVE;
    context.deadline = ends_at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() as u64;
    let output = migrate::handle_event(with, LambdaEvent::new(event, context)).await.unwrap();
    let answer = answers.only_answer();
    let status = if answer["Status"] == "SUCCESS" { Status::Success } else { Status::Failed };
    assert_eq!(output, CommandOutput::Stack { answered: status });
    answer
}

#[tokio::test]
async fn a_rollback_succeeds_at_once_after_a_migration_was_stopped() {
    let database = TestDatabase::migrated().await;
    for slow in
        ["select pg_sleep(60)", "create table unfinished (id int); select pg_sleep(1); select pg_sleep(60)"]
    {
        let stopped = update(&with_migration(&database, slow), Duration::from_secs(2)).await;
        assert!(stopped["Reason"].as_str().unwrap().starts_with("the migration was stopped"), "{stopped}");
        // A rollback invokes `migrate` of the previous release.
        let rolled_back = update(&database.migrate_capabilities(), Duration::from_secs(10)).await;
        assert_eq!(rolled_back["Status"], "SUCCESS", "{rolled_back}");
        let left = "select to_regclass('unfinished') is null
            and not exists (select from _sqlx_migrations where version = 9001)";
        assert!(database.superuser().await.query_one(left, &[]).await.unwrap().get::<_, bool>(0));
    }
}

#[tokio::test]
async fn a_run_whose_connection_loses_the_lock_as_behind_a_pooler_names_the_variable() {
    let database = TestDatabase::migrated().await;
    let with = with_migration(&database, "select pg_advisory_unlock_all()");
    let refused = migrate::handle(&with, migrate::Command::Migrate(migrate::Schema::Up)).await.unwrap_err();
    assert!(refused.to_string().contains("DATABASE_MIGRATE_URL must name Postgres itself"), "{refused}");
}
