//! Wiring of `auth`: telemetry, configuration, clients, routes.

use auth::Capabilities;
use docuvault::{auth::Tokens, db::Database};
use docuvault::{config, http, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init()?;
    let tokens = Tokens::new(&config::Tokens::from_env()?);
    let db = Database::new(config::Database::from_env()?)?;
    db.warm().await;
    http::run(auth::router(Capabilities { tokens, db })).await
}
