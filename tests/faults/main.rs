//! Postgres, the store and the queue fail, answer slowly or lose connections. After each fault the tests
//! check the promises.

mod database_connection;
mod database_deadlock;
mod database_limits;
mod database_restart;
mod frozen_sandbox;
mod lost_database_answers;
mod nat_gateway;
mod queue_at_confirm;
mod silent_connections;
mod store_at_confirm;
mod store_at_delete;
mod store_at_sweep;
mod sweep_parts;

use std::future::Future;
use std::time::{Duration, Instant};

use docuvault::id::UserId;
use serde_json::{Value, json};
use tests::{Client, Services, TestVault, promises};

/// Returns the same caller, served by a sandbox with these services.
fn in_sandbox_with(vault: &TestVault, client: &Client, services: &Services) -> Client {
    client.served_by(vault.routes(services))
}

/// Returns a request for an upload URL for a text file.
fn text_file_request() -> Value {
    json!({"filename": "a.txt", "content_type": "text/plain"})
}

/// Awaits a future, and panics if it takes longer than this many seconds.
async fn assert_within<T>(seconds: u64, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let answer = tokio::time::timeout(Duration::from_secs(seconds), work).await;
    answer.unwrap_or_else(|_| panic!("no result after {:?}", began.elapsed()))
}

/// Closes all connections of functions, and waits up to 10 s for each.
const CLOSE_CONNECTIONS: &str = "select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity
    where datname = current_database() and usename = 'docuvault_app'";

/// Closes all connections of functions, as a failover or an administrator would.
async fn close_connections(vault: &TestVault) {
    vault.database.superuser().await.query_one(CLOSE_CONNECTIONS, &[]).await.unwrap();
}

/// Locks the user's row of the ledger in a transaction. The lock is held until the returned connection
/// commits.
async fn lock_ledger(vault: &TestVault, user: UserId) -> tokio_postgres::Client {
    let holder = vault.database.connect_as("docuvault_migrate").await;
    holder.batch_execute("begin").await.unwrap();
    holder.query_one("select from quotas where user_id = $1 for update", &[&user]).await.unwrap();
    holder
}

/// Lets 30 hours pass, sweeps, and checks that no object is left without a row.
async fn sweep_after_expiry(vault: &TestVault) {
    vault.age_hours(30).await;
    vault.sweep().await;
    promises::check(vault).await.unwrap();
    promises::check_every_object_has_a_row(vault).await.unwrap();
}
