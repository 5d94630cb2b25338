use std::collections::BTreeSet;

use tests::TestDatabase;

/// Columns that need no comment in any table, because the name says everything. Every other column has a
/// comment.
const OBVIOUS: [&str; 36] = [
    "action",
    "active",
    "address",
    "ai_model",
    "ai_provider",
    "at",
    "classified_at",
    "confidence",
    "confirmed_at",
    "content_type",
    "created_at",
    "description",
    "details",
    "document_id",
    "email",
    "expires_at",
    "failure_code",
    "failure_message",
    "filename",
    "hits",
    "id",
    "key",
    "last_login_at",
    "lease_expires_at",
    "name",
    "object_key",
    "prompt_version",
    "request_id",
    "role",
    "status",
    "target_id",
    "topic_id",
    "totp_enabled",
    "truncated",
    "used_at",
    "window_ends_at",
];

/// Columns that need no comment in one table, because the table's comment or the type explains them.
const OBVIOUS_IN_TABLE: [&str; 13] = [
    "backup_codes.user_id",
    "devices.user_id",
    "documents.user_id",
    "email_verifications.user_id",
    "login_challenges.user_id",
    "passkeys.user_id",
    "password_resets.token_hash",
    "password_resets.user_id",
    "quotas.used_bytes",
    "quotas.user_id",
    "refresh_tokens.session_id",
    "sessions.user_id",
    "tombstones.object_key",
];

async fn query_first_column(statement: &str) -> BTreeSet<String> {
    let database = TestDatabase::migrated().await;
    let rows = database.superuser().await.query(statement, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

const TABLES: &str = "from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    and c.relname <> '_sqlx_migrations'";

#[tokio::test]
async fn every_table_has_a_comment() {
    let tables = query_first_column(&format!("select c.relname::text {TABLES}")).await;
    assert!(tables.contains("documents") && tables.contains("tombstones"), "{tables:?}");
    let uncommented = query_first_column(&format!(
        "select c.relname::text {TABLES} and obj_description(c.oid, 'pg_class') is null"
    ))
    .await;
    assert!(uncommented.is_empty(), "tables without a comment: {uncommented:?}");
}

#[tokio::test]
async fn every_column_that_is_not_obvious_has_a_comment() {
    let statement = format!(
        "select c.relname || '.' || a.attname
         from pg_attribute a join (select c.oid, c.relname {TABLES}) c on c.oid = a.attrelid
         where a.attnum > 0 and not a.attisdropped and col_description(c.oid, a.attnum) is null"
    );
    let uncommented = query_first_column(&statement).await;
    let unexplained: Vec<_> = uncommented
        .iter()
        .filter(|name| !OBVIOUS_IN_TABLE.contains(&name.as_str()))
        .filter(|name| !OBVIOUS.contains(&name.rsplit('.').next().unwrap()))
        .collect();
    assert!(unexplained.is_empty(), "columns without a comment: {unexplained:?}");
}

#[tokio::test]
async fn every_constraint_has_an_explicit_name() {
    // Postgres gives these names to check and unique constraints without an explicit name.
    let statement = "select conname::text from pg_constraint
        where connamespace = 'public'::regnamespace and contype in ('c', 'u')
            and conrelid <> '_sqlx_migrations'::regclass and conname ~ '(_check|_key)[0-9]*$'";
    assert_eq!(query_first_column(statement).await, BTreeSet::new());
}

#[tokio::test]
async fn times_have_a_time_zone_and_ids_are_uuids() {
    let statement = format!(
        "select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, null)
         from pg_attribute a join (select c.oid, c.relname {TABLES}) c on c.oid = a.attrelid
         where a.attnum > 0 and not a.attisdropped and (
             a.atttypid in ('timestamp'::regtype, 'date'::regtype, 'time'::regtype)
             or a.attname ~ '_at$' and a.atttypid <> 'timestamptz'::regtype
             or a.attname ~ '^(id|.*_id)$' and a.attname <> 'request_id' and a.atttypid <> 'uuid'::regtype)"
    );
    assert_eq!(query_first_column(&statement).await, BTreeSet::new());
}
