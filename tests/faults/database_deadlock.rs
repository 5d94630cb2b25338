//! Two statements deadlock. Postgres cancels the function's statement, and the function repeats it.

use docuvault::id::UserId;
use serde_json::json;
use tests::TestVault;

/// Returns a connection that has locked the row of the topic "b", as a statement that renames it does. Its
/// `deadlock_timeout` is so long that Postgres cancels the other statement of the deadlock.
async fn lock_topic_row(vault: &TestVault, owner: UserId) -> tokio_postgres::Client {
    let renamer = vault.database.connect_as("postgres").await;
    renamer.batch_execute("begin; set local deadlock_timeout = '1h'").await.unwrap();
    let row = "select from topics where user_id = $1 and name = 'b' for no key update";
    renamer.query_one(row, &[&owner]).await.unwrap();
    renamer
}

#[tokio::test]
async fn an_insert_that_is_cancelled_by_a_deadlock_is_repeated() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
    alice.post("/api/topics", json!({"name": "b"})).await.expect(201);
    let name = "select pg_advisory_xact_lock(hashtextextended('b', 0))";
    let first = vault.database.connect_as("docuvault_migrate").await;
    first.batch_execute(&format!("begin; {name}")).await.unwrap();
    let renamer = lock_topic_row(&vault, alice.id()).await;
    let (answer, ()) = tokio::join!(admin.post("/api/admin/topics", json!({"name": "b"})), async {
        vault.wait_until_blocked("topic::create").await;
        let second = async {
            renamer.batch_execute(&format!("-- second in line\n{name}")).await.unwrap();
            renamer.batch_execute("rollback").await.unwrap();
        };
        tokio::join!(second, async {
            vault.wait_until_blocked("second in line").await;
            // The admin's statement gets the name's lock and waits for the row: each of the two holds what
            // the other needs.
            first.batch_execute("commit").await.unwrap();
        });
    });
    let made = answer.expect(201);
    let deadlocks = "select deadlocks = 1 from pg_stat_database where datname = current_database()";
    vault.wait_until(deadlocks).await;
    let topics = alice.get("/api/topics").await.expect(200);
    assert_eq!(topics["items"], json!([made]));
}
