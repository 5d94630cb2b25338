//! A user's own documents: `GET /api/documents`, `GET /api/documents/{id}`, `GET
//! /api/documents/{id}/download`, `PUT /api/documents/{id}/topics`, `POST /api/documents/{id}/classify`.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use docuvault::auth::{Tokens, User};
use docuvault::db::Database;
use docuvault::document::{self, Document, Download, Filter, Status};
use docuvault::function::{self, FromEnv};
use docuvault::http::{Json, Path, Query};
use docuvault::id::{DocumentId, TopicId};
use docuvault::page::{Page, Paging};
use docuvault::queue::Queue;
use docuvault::storage::Stores;
use docuvault::{Result, config, db};
use serde::Deserialize;

/// The clients and limits that this function uses.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Who asks.
    pub tokens: Tokens,
    /// The rows.
    pub db: Database,
    /// The signature of downloads.
    pub stores: Stores,
    /// The nudge to classify again.
    pub queue: Queue,
    /// How often that may be asked for.
    pub limits: config::Documents,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        Ok(Self {
            tokens: Tokens::from_env()?,
            stores: Stores::from_env()?,
            queue: Queue::from_env()?,
            limits: config::Documents::from_env()?,
            db: Database::from_env()?.warm().await,
        })
    }
}

/// The routes.
pub fn router(capabilities: Capabilities) -> Router {
    Router::new()
        .route("/api/documents", get(list))
        .route("/api/documents/{id}", get(show))
        .route("/api/documents/{id}/download", get(download))
        .route("/api/documents/{id}/topics", put(set_topics))
        .route("/api/documents/{id}/classify", post(classify))
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
async fn list(
    user: User,
    Query(query): Query<ListQuery>,
    State(db): State<Database>,
) -> Result<Json<Page<Document>>> {
    let ListQuery { status, topic, q, limit, cursor } = query;
    let paging = Paging::parse("documents", user.id, limit, cursor.as_deref())?;
    Ok(Json(document::list(&db, user.id, &Filter::parse(status, topic, q)?, paging).await?))
}

/// Answers 200 with one document.
async fn show(user: User, Path(id): Path<DocumentId>, State(db): State<Database>) -> Result<Json<Document>> {
    Ok(Json(db::document::get(&db, user.id, id).await?))
}

/// Answers 200 with a URL for the bytes.
async fn download(
    user: User,
    Path(id): Path<DocumentId>,
    State(db): State<Database>,
    State(stores): State<Stores>,
) -> Result<Json<Download>> {
    Ok(Json(document::download(&db, &stores, user.id, id).await?))
}

/// The topics that a document is to have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Topics {
    topic_ids: Vec<TopicId>,
}

/// Answers 200 with the document.
async fn set_topics(
    user: User,
    Path(id): Path<DocumentId>,
    State(db): State<Database>,
    Json(Topics { topic_ids }): Json<Topics>,
) -> Result<Json<Document>> {
    Ok(Json(document::set_topics(&db, user.id, id, topic_ids).await?))
}

/// Answers 202: the document is classified again, or is about to be anyway.
async fn classify(
    user: User,
    Path(id): Path<DocumentId>,
    State(db): State<Database>,
    State(queue): State<Queue>,
    State(limits): State<config::Documents>,
) -> Result<StatusCode> {
    document::reclassify(&db, &queue, limits, user.id, id).await?;
    Ok(StatusCode::ACCEPTED)
}
