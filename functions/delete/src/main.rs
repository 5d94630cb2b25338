//! Wiring of `delete`: telemetry, configuration, clients, routes.

use delete::Capabilities;
use docuvault::{auth::Tokens, db::Database, storage::Storage};
use docuvault::{config, http, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init()?;
    let tokens = Tokens::new(&config::Tokens::from_env()?);
    let db = Database::new(config::Database::from_env()?)?;
    let storage = Storage::new(config::Storage::from_env()?);
    storage.warm();
    db.warm().await;
    http::run(delete::router(Capabilities { tokens, db, storage })).await
}
