//! Wiring of `upload-url`: telemetry, configuration, clients, routes.

use docuvault::{auth::Tokens, db::Database, storage::Storage};
use docuvault::{config, http, telemetry};
use upload_url::Capabilities;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init()?;
    let tokens = Tokens::new(&config::Tokens::from_env()?);
    let db = Database::new(config::Database::from_env()?)?;
    let storage = Storage::new(config::Storage::from_env()?);
    let limits = config::Uploads::from_env()?;
    db.warm().await;
    http::run(upload_url::router(Capabilities { tokens, db, storage, limits })).await
}
