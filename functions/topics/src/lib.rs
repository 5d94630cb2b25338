//! `GET,POST /api/topics`, `PATCH,DELETE /api/topics/{id}`: what a user sees and makes; the same under
//! `/api/admin/topics` for the system's topics, by administrators.

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, patch};
use axum::{Extension, Router};
use docuvault::auth::{Tokens, User};
use docuvault::db::Database;
use docuvault::function::{self, FromEnv};
use docuvault::http::{Json, Path, Query};
use docuvault::id::TopicId;
use docuvault::page::{Page, Paging};
use docuvault::topic::{self, Namespace, NewTopic, Topic, TopicChange};
use docuvault::{Result, config, db};
use serde::Deserialize;

/// The clients and limits that this function uses.
#[derive(Clone, FromRef)]
pub struct Capabilities {
    /// Who asks.
    pub tokens: Tokens,
    /// The rows.
    pub db: Database,
    /// How many topics a user may make.
    pub limits: config::Topics,
}

impl FromEnv for Capabilities {
    async fn from_env() -> std::result::Result<Self, function::Error> {
        Ok(Self {
            tokens: Tokens::from_env()?,
            limits: config::Topics::from_env()?,
            db: Database::from_env()?.warm().await,
        })
    }
}

/// The routes.
pub fn router(capabilities: Capabilities) -> Router {
    let system = Router::new()
        .route("/api/admin/topics", get(list).post(create))
        .route("/api/admin/topics/{id}", patch(update).delete(remove))
        .layer(Extension(Namespace::System));
    Router::new()
        .route("/api/topics", get(list).post(create))
        .route("/api/topics/{id}", patch(update).delete(remove))
        .layer(Extension(Namespace::Own))
        .merge(system)
        .with_state(capabilities)
}

/// The query of a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Answers 200 with a page, newest first.
async fn list(
    user: User,
    Extension(namespace): Extension<Namespace>,
    Query(ListQuery { limit, cursor }): Query<ListQuery>,
    State(db): State<Database>,
) -> Result<Json<Page<Topic>>> {
    let list = if namespace == Namespace::System { "system topics" } else { "topics" };
    let paging = Paging::parse(list, user.id, limit, cursor.as_deref())?;
    Ok(Json(topic::list(&db, user.id, namespace, paging).await?))
}

/// Answers 201 with the topic.
async fn create(
    user: User,
    Extension(namespace): Extension<Namespace>,
    State(with): State<Capabilities>,
    Json(new): Json<NewTopic>,
) -> Result<(StatusCode, Json<Topic>)> {
    let made = topic::create(&with.db, with.limits, user.id, namespace, &new).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Answers 200 with the topic as it is now.
async fn update(
    user: User,
    Extension(namespace): Extension<Namespace>,
    Path(id): Path<TopicId>,
    State(db): State<Database>,
    Json(change): Json<TopicChange>,
) -> Result<Json<Topic>> {
    Ok(Json(db::topic::change(&db, user.id, namespace, id, &change).await?))
}

/// Answers 204.
async fn remove(
    user: User,
    Extension(namespace): Extension<Namespace>,
    Path(id): Path<TopicId>,
    State(db): State<Database>,
) -> Result<StatusCode> {
    db::topic::delete(&db, user.id, namespace, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
