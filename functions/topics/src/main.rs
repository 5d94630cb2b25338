//! Wiring of `topics`: telemetry, configuration, clients, routes.

use docuvault::{auth::Tokens, db::Database};
use docuvault::{config, http, telemetry};
use topics::Capabilities;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init()?;
    let tokens = Tokens::new(&config::Tokens::from_env()?);
    let db = Database::new(config::Database::from_env()?)?;
    let limits = config::Topics::from_env()?;
    db.warm().await;
    http::run(topics::router(Capabilities { tokens, db, limits })).await
}
