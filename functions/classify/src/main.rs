//! Wiring of `classify`: telemetry, configuration, clients, handler; or the child that reads one document.

mod extract;

use classify::Capabilities;
use docuvault::classification::Classifier;
use docuvault::{config, db::Database, extraction, queue::Queue, storage::Storage, telemetry};
use lambda_runtime::{LambdaEvent, service_fn};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};

fn main() -> Result<(), lambda_runtime::Error> {
    if std::env::args().nth(1).as_deref() == Some(extraction::ARGUMENT) {
        return Ok(extract::run()?);
    }
    serve()
}

#[tokio::main(flavor = "current_thread")]
async fn serve() -> Result<(), lambda_runtime::Error> {
    telemetry::init()?;
    // A child that a document has taken over must not find our credentials in /proc either.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    let db = Database::new(config::Database::from_env()?)?;
    let storage = Storage::new(config::Storage::from_env()?);
    storage.warm();
    let queue = Queue::new(config::Queue::from_env()?);
    let config = config::Classification::from_env(std::env::current_exe()?)?;
    db.warm().await;
    let with = Capabilities { classifier: Classifier { db, storage, config }, queue };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<_>| {
        Ok::<_, lambda_runtime::Error>(classify::handle(&with, event).await)
    }))
    .await
}
