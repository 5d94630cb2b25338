//! Wiring of `quota`: telemetry, configuration, clients, routes.

use docuvault::{auth::Tokens, db::Database};
use docuvault::{config, http, telemetry};
use quota::Capabilities;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init()?;
    let tokens = Tokens::new(&config::Tokens::from_env()?);
    let db = Database::new(config::Database::from_env()?)?;
    db.warm().await;
    http::run(quota::router(Capabilities { tokens, db })).await
}
