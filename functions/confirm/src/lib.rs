//! `POST /api/documents/{id}/confirm`: charges the quota for a stored object, once (SPEC section 2.3).

use axum::Router;
use axum::extract::{FromRef, State};
use docuvault::Result;
use docuvault::auth::{Tokens, User};
use docuvault::config::Uploads;
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::{Code, Json, Path};
use docuvault::id::DocumentId;
use docuvault::queue::Queue;
use docuvault::storage::Stores;
use docuvault::upload::{self, Confirmed};

/// The clients and limits that this function uses.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Who asks.
    pub tokens: Tokens,
    /// The row and the ledger.
    pub db: Database,
    /// The object's size.
    pub stores: Stores,
    /// The nudge, where the object's event came first.
    pub queue: Queue,
    /// What an upload may be.
    pub limits: Uploads,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        Ok(Self {
            tokens: Tokens::from_env()?,
            stores: Stores::from_env()?,
            queue: Queue::from_env()?,
            limits: Uploads::from_env()?,
            db: Database::from_env()?.warm().await,
        })
    }
}

/// The routes.
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
    Ok(Json(upload::confirm(&db, &stores, &queue, limits, user.id, id).await?))
}
