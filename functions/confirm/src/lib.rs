//! Confirms uploads (SPEC section 2.3): `POST /api/documents/{id}/confirm` charges the size of a stored
//! object to its owner, once.

use axum::Router;
use axum::extract::{FromRef, State};
use docuvault::Result;
use docuvault::auth::{Tokens, User};
use docuvault::config::UploadLimits;
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::{Code, Json, Path};
use docuvault::id::DocumentId;
use docuvault::queue::Queue;
use docuvault::storage::Stores;
use docuvault::upload::{self, Confirmed};

/// The clients and limits of `confirm`, which compares a stored object with its row and charges its size.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks the caller's access token.
    pub tokens: Tokens,
    /// Holds the pending row and the ledger.
    pub db: Database,
    /// The stores, which are asked for the size of an object.
    pub stores: Stores,
    /// Takes a nudge, if the put-notification came before the confirmation.
    pub queue: Queue,
    /// The largest upload.
    pub limits: UploadLimits,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (stores, queue, limits) = (Stores::from_env()?, Queue::from_env()?, UploadLimits::from_env()?);
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, stores, queue, limits, db })
    }
}

/// Serves the confirmation of uploads.
pub fn router(capabilities: Capabilities) -> Router {
    routes().with_state(capabilities)
}

docuvault::routes!(Capabilities: confirm_upload);

/// Confirm an upload
///
/// Charges your quota for the stored file and has it classified. Send no body. You may confirm as often as
/// you like: the quota is charged once, and the answer is the same.
///
/// A file that does not fit into your quota, or that is not the one that you declared, is removed together
/// with its document.
#[utoipa::path(
    post, path = "/api/documents/{id}/confirm", tag = "Documents",
    params(DocumentId), security(("access_token" = [])),
    responses((status = OK, description = "The upload is charged", body = Confirmed)),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::NotFound, Code::UploadNotFound, Code::UploadMismatch,
        Code::QuotaExceeded, Code::StoreUnreachable
    ])))
)]
async fn confirm_upload(
    user: User,
    Path(id): Path<DocumentId>,
    State(Capabilities { db, stores, queue, limits, .. }): State<Capabilities>,
) -> Result<Json<Confirmed>> {
    Ok(Json(upload::confirm(&db, &stores, &queue, limits, user, id).await?))
}
