//! Wiring of `health`: telemetry, configuration, clients, routes.

use docuvault::{config, http, telemetry};
use docuvault::{db::Database, queue::Queue, storage::Storage};
use health::Capabilities;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init()?;
    let db = Database::new(config::Database::from_env()?)?;
    let storage = Storage::new(config::Storage::from_env()?);
    storage.warm();
    let queue = Queue::new(config::Queue::from_env()?);
    http::run(health::router(Capabilities { db, storage, queue })).await
}
