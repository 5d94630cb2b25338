//! Behind a pooler in transaction mode, a function has a connection to Postgres for one transaction only.
//! These tests show in both runs of this binary whether there is a pooler.

use tests::sandbox::Sandbox;
use tests::{Environment, TestDatabase, TestVault};
use tokio_postgres::{Client, NoTls};

/// The most connections that the pooler opens to a database (`POOL_SIZE` in `tools/dev/pooler.py`).
const POOL_SIZE: i64 = 4;

/// More sandboxes than the pooler has connections.
const SANDBOXES: i64 = 2 * POOL_SIZE;

#[tokio::test]
async fn sandboxes_share_the_connections_of_a_pooler() {
    let vault = TestVault::new().await;
    let user = vault.create_user().await;
    let mut sandboxes = Vec::new();
    for _ in 1..SANDBOXES {
        let sandbox = vault.in_own_sandbox(&user);
        sandbox.get("/api/auth/me/quota").await.expect(200);
        sandboxes.push(sandbox);
    }
    // One more sandbox created the user.
    assert_shared(&vault).await;
}

#[tokio::test]
async fn programs_share_the_connections_of_a_pooler() {
    let vault = TestVault::new().await;
    let event = serde_json::from_str(include_str!("../../events/health.json")).unwrap();
    let mut programs = Vec::new();
    for _ in 0..SANDBOXES {
        let mut program = Sandbox::start("health", &vault.variables()).await;
        assert_eq!(program.invoke_http(&event).await.0, 200);
        programs.push(program);
    }
    assert_shared(&vault).await;
}

/// Asserts that as many sandboxes as `SANDBOXES` have one connection each, or share those of a pooler.
async fn assert_shared(vault: &TestVault) {
    let statement = "select count(*) from pg_stat_activity
        where datname = current_database() and usename = 'docuvault_app'";
    let connections: i64 = vault.database.superuser().await.query_one(statement, &[]).await.unwrap().get(0);
    let expected = if is_pooled() { 1..=POOL_SIZE } else { SANDBOXES..=SANDBOXES };
    assert!(expected.contains(&connections), "{connections} connections, not {expected:?}");
}

#[tokio::test]
async fn a_prepared_statement_is_lost_behind_a_pooler_only() {
    let database = TestDatabase::migrated().await;
    let (client, other) = (connect(&database).await, connect(&database).await);
    let prepared = client.prepare("select 1").await.unwrap();
    // Behind a pooler, this transaction occupies the connection on which the statement was prepared.
    other.batch_execute("begin").await.unwrap();
    assert_eq!(client.query_one(&prepared, &[]).await.is_err(), is_pooled());
}

fn is_pooled() -> bool {
    Environment::read().pooler.is_some()
}

/// Connects as functions do.
async fn connect(database: &TestDatabase) -> Client {
    let url = database.url_at("docuvault_app", &database.address());
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
