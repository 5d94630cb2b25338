//! Entries of the audit log are deleted when they are too old, by `migrate` and by nobody else.

use docuvault::config::AuditLogConfig;
use migrate::{AuditLog, Command, CommandOutput, handle};
use tests::TestVault;

/// Writes this many entries that are so many days old.
async fn write(vault: &TestVault, count: i32, days: &str) {
    let statement = format!(
        "insert into audit_log (id, at, action)
        select gen_random_uuid(), now() - interval '{days}', 'session.started' from generate_series(1, {count})"
    );
    vault.tamper(&statement).await;
}

/// Deletes entries that are older than this many days. Returns how many were deleted, and how many are left.
async fn expire(vault: &TestVault, days: i32) -> (i64, i64) {
    let with =
        migrate::Capabilities { audit_log: AuditLogConfig { days }, ..vault.database.migrate_capabilities() };
    let answer = handle(&with, Command::AuditLog(AuditLog::Expire)).await.unwrap();
    let CommandOutput::AuditLog { expired_entries, cut_short: false } = answer else { panic!("{answer:?}") };
    let left =
        vault.database.superuser().await.query_one("select count(*) from audit_log", &[]).await.unwrap();
    (expired_entries, left.get(0))
}

#[tokio::test]
async fn only_entries_that_are_older_than_the_setting_are_deleted() {
    let vault = TestVault::new().await;
    write(&vault, 2, "100 days 1 minute").await;
    write(&vault, 3, "99 days 23 hours").await;
    write(&vault, 4, "0 days").await;
    assert_eq!(expire(&vault, 365).await, (0, 9));
    assert_eq!(expire(&vault, 100).await, (2, 7));
    assert_eq!(expire(&vault, 100).await, (0, 7));
}

#[tokio::test]
async fn more_entries_than_one_statement_deletes_are_deleted_in_batches() {
    let vault = TestVault::new().await;
    write(&vault, 25_000, "400 days").await;
    write(&vault, 5, "1 day").await;
    assert_eq!(expire(&vault, 365).await, (25_000, 5));
}

#[tokio::test]
async fn the_role_of_the_functions_deletes_no_entry() {
    let vault = TestVault::new().await;
    write(&vault, 5, "400 days").await;
    let refused = docuvault::db::audit_log::delete_older(&vault.services().db, 365, 10).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("42501"), "{refused}");
    assert_eq!(expire(&vault, 365).await, (5, 0));
}
