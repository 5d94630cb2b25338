//! `DELETE /api/documents/{id}`: removes a document and gives its bytes back (SPEC section 2.6).

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::delete;
use docuvault::auth::{Tokens, User};
use docuvault::db::Database;
use docuvault::http::Path;
use docuvault::id::DocumentId;
use docuvault::storage::Storage;
use docuvault::{Result, document};

/// What this function may use: its rights, in one list.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Who asks.
    pub tokens: Tokens,
    /// The row and the ledger.
    pub db: Database,
    /// The object.
    pub storage: Storage,
}

/// The routes.
pub fn router(capabilities: Capabilities) -> Router {
    Router::new().route("/api/documents/{id}", delete(remove)).with_state(capabilities)
}

/// Answers 204.
async fn remove(
    user: User,
    Path(id): Path<DocumentId>,
    State(db): State<Database>,
    State(storage): State<Storage>,
) -> Result<StatusCode> {
    document::delete(&db, &storage, user.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
