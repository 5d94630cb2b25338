//! Wiring of `migrate`: telemetry, configuration, clients, handler.

use docuvault::{config, db::Database, storage::Storage, telemetry};
use lambda_runtime::{LambdaEvent, service_fn};
use migrate::Capabilities;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init()?;
    let (database, url) = config::Database::migrate_from_env()?;
    let storage = config::Storage::optional_from_env()?.map(Storage::new);
    let with = Capabilities { db: Database::new(database)?, url, storage };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<_>| {
        Ok::<_, lambda_runtime::Error>(migrate::handle(&with, event.payload).await?)
    }))
    .await
}
