//! Wiring of `cleanup`: telemetry, configuration, clients, handler.

use cleanup::Capabilities;
use docuvault::{config, db::Database, queue::Queue, storage::Storage, telemetry};
use lambda_runtime::service_fn;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init()?;
    let db = Database::new(config::Database::from_env()?)?;
    let storage = Storage::new(config::Storage::from_env()?);
    let queue = Queue::new(config::Queue::from_env()?);
    let with = Capabilities { db, storage, queue };
    with.db.warm().await;
    lambda_runtime::run(service_fn(async |event| {
        Ok::<_, lambda_runtime::Error>(cleanup::handle(&with, event).await?)
    }))
    .await
}
