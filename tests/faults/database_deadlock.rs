//! Two statements that wait for one another: Postgres ends one of them, and its sender must not notice.

use docuvault::id::UserId;
use serde_json::json;
use tests::TestVault;

/// Somebody who has locked the topic's row and then waits for the name's lock, as a statement that renames it does, and never gives up.
async fn rename(vault: &TestVault, owner: UserId) -> tokio_postgres::Client {
    let renamer = vault.database.connect_as("postgres").await;
    renamer.batch_execute("begin; set local deadlock_timeout = '1h'").await.unwrap();
    let row = "select from topics where user_id = $1 and name = 'b' for no key update";
    renamer.query_one(row, &[&owner]).await.unwrap();
    renamer
}

#[tokio::test]
async fn the_victim_of_a_deadlock_is_sent_again_even_if_it_makes_a_row() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.user().await, vault.admin().await);
    alice.post("/api/topics", json!({"name": "b"})).await.expect(201);
    let name = "select pg_advisory_xact_lock(hashtextextended('b', 0))";
    let first = vault.database.connect_as("docuvault_migrate").await;
    first.batch_execute(&format!("begin; {name}")).await.unwrap();
    let renamer = rename(&vault, alice.id()).await;
    let (answer, ()) = tokio::join!(admin.post("/api/admin/topics", json!({"name": "b"})), async {
        vault.until_waiting("topic::create").await;
        let second = async {
            renamer.batch_execute(&format!("-- second in line\n{name}")).await.unwrap();
            renamer.batch_execute("rollback").await.unwrap();
        };
        tokio::join!(second, async {
            vault.until_waiting("second in line").await;
            // The admin's statement gets the name, and waits for the row: each has what the other wants.
            first.batch_execute("commit").await.unwrap();
        });
    });
    let made = answer.expect(201);
    let deadlocks = "select deadlocks = 1 from pg_stat_database where datname = current_database()";
    vault.until(deadlocks).await;
    let topics = alice.get("/api/topics").await.expect(200);
    assert_eq!(topics["items"], json!([made]));
}
