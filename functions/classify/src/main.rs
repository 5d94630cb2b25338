//! Wiring of `classify`: telemetry, configuration, clients, handler.

use classify::Capabilities;
use docuvault::{config, db::Database, storage::Storage, telemetry};
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init()?;
    let db = Database::new(config::Database::from_env()?)?;
    let storage = Storage::new(config::Storage::from_env()?);
    storage.warm();
    let with = Capabilities { db, storage, config: config::Classification::from_env()? };
    with.db.warm().await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<_>| {
        Ok::<_, lambda_runtime::Error>(classify::handle(&with, event).await)
    }))
    .await
}
