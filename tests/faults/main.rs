//! Dependencies that are down, slow or wrong, and connections that die. A promise that holds only on good days is none: what
//! must hold is asked after each.

mod database_answers;
mod database_connection;
mod database_deadlock;
mod database_limits;
mod database_restart;
mod freeze;
mod gateway;
mod queue;
mod silence;
mod store_at_confirm;
mod store_at_delete;
mod store_at_sweep;
mod sweep_parts;

use std::future::Future;
use std::time::{Duration, Instant};

use docuvault::id::UserId;
use serde_json::{Value, json};
use tests::{Client, Parts, TestVault, promises};

/// A caller whom a sandbox of these parts serves.
fn served(vault: &TestVault, client: &Client, parts: &Parts) -> Client {
    client.served_by(vault.routes(parts))
}

/// What an upload is asked for with.
fn a_text() -> Value {
    json!({"filename": "a.txt", "content_type": "text/plain"})
}

/// The work's answer, if it comes soon enough.
async fn within<T>(seconds: u64, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let answer = tokio::time::timeout(Duration::from_secs(seconds), work).await;
    answer.unwrap_or_else(|_| panic!("no answer after {:?}", began.elapsed()))
}

/// Ends every connection of the functions, and waits until it has ended.
const CUT: &str = "select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity
    where datname = current_database() and usename = 'docuvault_app'";

/// Cuts the functions off, as a failover or an administrator would.
async fn cut_connections(vault: &TestVault) {
    vault.database.superuser().await.query_one(CUT, &[]).await.unwrap();
}

/// A connection that holds the user's row of the ledger until it commits.
async fn hold_ledger(vault: &TestVault, user: UserId) -> tokio_postgres::Client {
    let holder = vault.database.connect_as("docuvault_migrate").await;
    holder.batch_execute("begin").await.unwrap();
    holder.query_one("select from quotas where user_id = $1 for update", &[&user]).await.unwrap();
    holder
}

/// Hours go by, the sweep comes, and nothing is left over.
async fn settle(vault: &TestVault) {
    vault.age(30).await;
    vault.sweep().await;
    promises::hold(vault).await.unwrap();
    promises::no_object_without_row(vault).await.unwrap();
}
