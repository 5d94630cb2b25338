//! Deletes documents (SPEC section 2.6): `DELETE /api/documents/{id}` removes a document and credits its size
//! to its owner.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use docuvault::auth::{Tokens, User};
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::{Code, Path};
use docuvault::id::DocumentId;
use docuvault::storage::Stores;
use docuvault::{Result, document};

/// The clients of `delete`, which removes a row, credits its size, and then removes the object.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks the caller's access token.
    pub tokens: Tokens,
    /// Holds the document's row and the ledger.
    pub db: Database,
    /// The stores, from which the object is removed.
    pub stores: Stores,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let stores = Stores::from_env()?;
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, stores, db })
    }
}

/// Serves the deletion of documents.
pub fn router(capabilities: Capabilities) -> Router {
    routes().with_state(capabilities)
}

docuvault::routes!(Capabilities: delete_document);

/// Delete a document
///
/// Removes the document and its file, and gives its bytes back to your quota. An upload that is not confirmed
/// can be deleted, too.
#[utoipa::path(
    delete, path = "/api/documents/{id}", tag = "Documents",
    params(DocumentId), security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "The document is deleted")),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed, Code::NotFound])))
)]
async fn delete_document(
    user: User,
    Path(id): Path<DocumentId>,
    State(db): State<Database>,
    State(stores): State<Stores>,
) -> Result<StatusCode> {
    document::delete(&db, &stores, user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
