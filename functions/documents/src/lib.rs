//! `GET /api/documents`, `GET /api/documents/{id}`, `GET /api/documents/{id}/download`: a user's own documents.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::get;
use docuvault::Result;
use docuvault::auth::{Tokens, User};
use docuvault::db::Database;
use docuvault::document::{self, Document, Download, Filter, Page, Status};
use docuvault::http::{Json, Path, Query};
use docuvault::id::{DocumentId, TopicId};
use docuvault::storage::Storage;
use serde::Deserialize;

/// What this function may use: its rights, in one list.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Who asks.
    pub tokens: Tokens,
    /// The rows.
    pub db: Database,
    /// The signature of downloads.
    pub storage: Storage,
}

/// The routes.
pub fn router(capabilities: Capabilities) -> Router {
    Router::new()
        .route("/api/documents", get(list))
        .route("/api/documents/{id}", get(show))
        .route("/api/documents/{id}/download", get(download))
        .with_state(capabilities)
}

/// The query of a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    status: Option<Status>,
    topic: Option<TopicId>,
    q: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Answers 200 with a page, newest first.
async fn list(user: User, Query(query): Query<ListQuery>, State(db): State<Database>) -> Result<Json<Page>> {
    let ListQuery { status, topic, q, limit, cursor } = query;
    let filter = Filter::parse(user.id, status, topic, q, limit, cursor.as_deref())?;
    Ok(Json(document::list(&db, user.id, &filter).await?))
}

/// Answers 200 with one document.
async fn show(user: User, Path(id): Path<DocumentId>, State(db): State<Database>) -> Result<Json<Document>> {
    Ok(Json(document::get(&db, user.id, id).await?))
}

/// Answers 200 with a URL for the bytes.
async fn download(
    user: User,
    Path(id): Path<DocumentId>,
    State(db): State<Database>,
    State(storage): State<Storage>,
) -> Result<Json<Download>> {
    Ok(Json(document::download(&db, &storage, user.id, id).await?))
}
