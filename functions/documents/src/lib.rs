//! The documents of a user: `GET /api/documents`, `GET /api/documents/{id}`, `GET
//! /api/documents/{id}/download`, `PUT /api/documents/{id}/topics`, `POST /api/documents/{id}/classify`.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use docuvault::auth::{Tokens, User};
use docuvault::db::Database;
use docuvault::document::{self, Document, DocumentQuery, Download, TopicSelection};
use docuvault::function::{self, FromEnv};
use docuvault::http::{Code, Json, Path, Query};
use docuvault::id::DocumentId;
use docuvault::page::Page;
use docuvault::queue::Queue;
use docuvault::storage::Stores;
use docuvault::{Result, config, db};

/// The clients and limits of `documents`, which lists documents, signs download URLs, changes topics, and
/// asks for another classification.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Checks the caller's access token.
    pub tokens: Tokens,
    /// Holds the documents.
    pub db: Database,
    /// The stores, for which download URLs are signed.
    pub stores: Stores,
    /// Takes the nudge that asks for another classification.
    pub queue: Queue,
    /// The number of repeated classifications that an owner may ask for in an hour.
    pub limits: config::DocumentLimits,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        let (stores, queue, limits) =
            (Stores::from_env()?, Queue::from_env()?, config::DocumentLimits::from_env()?);
        let (tokens, db) = function::tokens_and_database().await?;
        Ok(Self { tokens, stores, queue, limits, db })
    }
}

/// Serves a user's documents: the list, single documents, downloads, topics and repeated classification.
pub fn router(capabilities: Capabilities) -> Router {
    routes().with_state(capabilities)
}

docuvault::routes!(Capabilities: list_documents, get_document, get_download, set_topics, classify_document);

/// List your documents
///
/// Newest first, a page at a time. Filters can be combined. Uploads that are not confirmed are listed only
/// with `status=pending`.
#[utoipa::path(
    get, path = "/api/documents", tag = "Documents",
    params(DocumentQuery), security(("access_token" = [])),
    responses((status = OK, description = "One page of documents", body = Page<Document>)),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed])))
)]
async fn list_documents(
    user: User,
    Query(query): Query<DocumentQuery>,
    State(db): State<Database>,
) -> Result<Json<Page<Document>>> {
    Ok(Json(document::list(&db, user, query).await?))
}

/// Get a document
#[utoipa::path(
    get, path = "/api/documents/{id}", tag = "Documents",
    params(DocumentId), security(("access_token" = [])),
    responses((status = OK, description = "The document", body = Document)),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed, Code::NotFound])))
)]
async fn get_document(
    user: User,
    Path(id): Path<DocumentId>,
    State(db): State<Database>,
) -> Result<Json<Document>> {
    Ok(Json(db::document::get(&db, user, id).await?))
}

/// Get a download URL
///
/// Returns a URL from which the file of a confirmed document can be fetched by `GET`, without an access
/// token. The URL works for 5 minutes.
#[utoipa::path(
    get, path = "/api/documents/{id}/download", tag = "Documents",
    params(DocumentId), security(("access_token" = [])),
    responses((status = OK, description = "Where to fetch the file", body = Download)),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed, Code::NotFound])))
)]
async fn get_download(
    user: User,
    Path(id): Path<DocumentId>,
    State(db): State<Database>,
    State(stores): State<Stores>,
) -> Result<Json<Download>> {
    Ok(Json(document::download(&db, &stores, user, id).await?))
}

/// Set a document's topics
///
/// Makes the document's topics exactly these. Later classifications may add topics, but they neither remove
/// these nor bring back those that you took off.
#[utoipa::path(
    put, path = "/api/documents/{id}/topics", tag = "Documents",
    params(DocumentId), security(("access_token" = [])),
    responses((status = OK, description = "The document with its new topics", body = Document)),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed, Code::NotFound])))
)]
async fn set_topics(
    user: User,
    Path(id): Path<DocumentId>,
    State(db): State<Database>,
    Json(new): Json<TopicSelection>,
) -> Result<Json<Document>> {
    Ok(Json(document::set_topics(&db, user, id, new.topic_ids).await?))
}

/// Classify a document again
///
/// Send no body. The document is `uploaded` until it is classified. If its classification is still to come,
/// nothing changes. By default, you can start 100 classifications an hour.
#[utoipa::path(
    post, path = "/api/documents/{id}/classify", tag = "Documents",
    params(DocumentId), security(("access_token" = [])),
    responses((status = ACCEPTED, description = "The document will be classified")),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::NotFound, Code::TooManyClassifications
    ])))
)]
async fn classify_document(
    user: User,
    Path(id): Path<DocumentId>,
    State(db): State<Database>,
    State(queue): State<Queue>,
    State(limits): State<config::DocumentLimits>,
) -> Result<StatusCode> {
    document::reclassify(&db, &queue, limits, user, id).await?;
    Ok(StatusCode::ACCEPTED)
}
