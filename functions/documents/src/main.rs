//! Wiring of `documents`: telemetry, configuration, clients, routes.

use documents::Capabilities;
use docuvault::{auth::Tokens, db::Database, queue::Queue, storage::Storage};
use docuvault::{config, http, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init()?;
    let tokens = Tokens::new(&config::Tokens::from_env()?);
    let db = Database::new(config::Database::from_env()?)?;
    let storage = Storage::new(config::Storage::from_env()?);
    let queue = Queue::new(config::Queue::from_env()?);
    let limits = config::Documents::from_env()?;
    db.warm().await;
    http::run(documents::router(Capabilities { tokens, db, storage, queue, limits })).await
}
