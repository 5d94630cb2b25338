//! Wiring of `classify`: telemetry, configuration, clients, handler.

use classify::Capabilities;
use docuvault::classification::Classifier;
use docuvault::{config, db::Database, queue::Queue, storage::Storage, telemetry};
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init()?;
    let db = Database::new(config::Database::from_env()?)?;
    let storage = Storage::new(config::Storage::from_env()?);
    storage.warm();
    let queue = Queue::new(config::Queue::from_env()?);
    let config = config::Classification::from_env()?;
    db.warm().await;
    let with = Capabilities { classifier: Classifier { db, storage, config }, queue };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<_>| {
        Ok::<_, lambda_runtime::Error>(classify::handle(&with, event).await)
    }))
    .await
}
