use migrate::Schema;
use tests::TestDatabase;

use crate::round_trip::versions;
use crate::{run, schema_lines};

async fn execute(database: &TestDatabase, statements: &str) {
    database.superuser().await.batch_execute(statements).await.unwrap();
}

async fn count(database: &TestDatabase, table: &str) -> i64 {
    let statement = format!("select count(*) from {table}");
    database.superuser().await.query_one(&statement, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn up_refuses_an_edited_migration_and_names_its_number() {
    let database = TestDatabase::empty().await;
    run(&database, Schema::Up).await.unwrap();
    run(&database, Schema::Down(2)).await.unwrap();
    execute(&database, "update _sqlx_migrations set checksum = '\\x00' where version = 2").await;
    let before = schema_lines::read_schema(&database).await;
    let refusal = run(&database, Schema::Up).await.unwrap_err();
    assert!(refusal.contains("migration 2 ") && refusal.contains("modified"), "{refusal}");
    schema_lines::assert_same(&before, &schema_lines::read_schema(&database).await);
    assert_eq!(
        run(&database, Schema::Status).await,
        Ok((versions(|version| version <= 2), versions(|version| version > 2)))
    );
}

#[tokio::test]
async fn up_refuses_a_database_with_an_unknown_migration_and_names_its_number() {
    let database = TestDatabase::empty().await;
    run(&database, Schema::Up).await.unwrap();
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (99, 'of a newer program', true, '', 0)";
    execute(&database, newer).await;
    let refusal = run(&database, Schema::Up).await.unwrap_err();
    assert!(refusal.contains("99"), "{refusal}");
}

#[tokio::test]
async fn a_migration_that_fails_changes_nothing() {
    let database = TestDatabase::empty().await;
    run(&database, Schema::Up).await.unwrap();
    run(&database, Schema::Down(2)).await.unwrap();
    // The migration removes rows and then creates an index. The index's name is taken.
    execute(
        &database,
        "insert into topics (id, name) values (gen_random_uuid(), 'letters');
         insert into documents (id, filename, content_type, object_key, url_expires_at)
         values (gen_random_uuid(), 'a.txt', 'text/plain', 'a', now());
         create index ix_topics_user_id on topics (name)",
    )
    .await;
    let before = schema_lines::read_schema(&database).await;
    let failure = run(&database, Schema::Up).await.unwrap_err();
    assert!(failure.contains("ix_topics_user_id"), "{failure}");
    assert_eq!(
        run(&database, Schema::Status).await,
        Ok((versions(|version| version <= 2), versions(|version| version > 2)))
    );
    schema_lines::assert_same(&before, &schema_lines::read_schema(&database).await);
    for (table, rows) in [("topics", 1), ("documents", 1), ("tombstones", 0)] {
        assert_eq!(count(&database, table).await, rows, "{table}");
    }
    execute(&database, "drop index ix_topics_user_id").await;
    assert_eq!(run(&database, Schema::Up).await, Ok((versions(|_| true), vec![])));
}

#[tokio::test]
async fn an_unreachable_database_is_reported_with_its_variable() {
    let mut capabilities = TestDatabase::empty().await.migrate_capabilities();
    capabilities.url = "postgres://docuvault_migrate@127.0.0.1:1/none?sslmode=disable".into();
    let failure = migrate::handle(&capabilities, migrate::Command::Migrate(Schema::Up)).await.unwrap_err();
    assert!(failure.to_string().starts_with("DATABASE_MIGRATE_URL: "), "{failure}");
}
