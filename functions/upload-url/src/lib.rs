//! Begins uploads (SPEC section 2.1): `POST /api/documents/upload-url` returns a URL to which one new object
//! can be sent by PUT.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use docuvault::Result;
use docuvault::auth::{Tokens, User};
use docuvault::config::UploadLimits;
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::{Code, Json};
use docuvault::storage::Stores;
use docuvault::upload::{self, NewUpload, Upload};

/// The clients and limits of `upload-url`, which writes a pending row and signs an upload URL.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks the caller's access token.
    pub tokens: Tokens,
    /// Holds the pending rows, and counts the owner's uploads.
    pub db: Database,
    /// The stores, for which upload URLs are signed.
    pub stores: Stores,
    /// The largest upload, and the most uploads that an owner may begin.
    pub limits: UploadLimits,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (stores, limits) = (Stores::from_env()?, UploadLimits::from_env()?);
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, stores, limits, db })
    }
}

/// Serves the beginning of uploads.
pub fn router(capabilities: Capabilities) -> Router {
    routes().with_state(capabilities)
}

docuvault::routes!(Capabilities: create_upload_url);

/// Begin an upload
///
/// Returns a URL that stores one file. Send the file to it by `PUT`, with exactly the headers that are in
/// `headers`, and then confirm the upload. The URL works for 15 minutes and stores one file only. No quota is
/// reserved: the upload is charged when it is confirmed. If you give `size_bytes`, a file that does not fit
/// is refused now.
///
/// An upload that is not confirmed within an hour is removed.
///
/// By default, you can request 1,500 URLs an hour (`too_many_uploads`), and 100 of your URLs can be valid at
/// a time (`too_many_pending`). A URL no longer counts once its upload is confirmed.
#[utoipa::path(
    post, path = "/api/documents/upload-url", tag = "Documents",
    security(("access_token" = [])),
    responses((status = CREATED, description = "Where and how to send the file", body = Upload)),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::NotFound, Code::QuotaExceeded, Code::TooManyPending,
        Code::TooManyUploads
    ])))
)]
async fn create_upload_url(
    user: User,
    State(db): State<Database>,
    State(stores): State<Stores>,
    State(limits): State<UploadLimits>,
    Json(new): Json<NewUpload>,
) -> Result<(StatusCode, Json<Upload>)> {
    Ok((StatusCode::CREATED, Json(upload::begin(&db, &stores, limits, user, new).await?)))
}
