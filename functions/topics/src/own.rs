//! The topics of a user: `GET,POST /api/topics`, `PATCH,DELETE /api/topics/{id}`.

use axum::extract::State;
use axum::http::StatusCode;
use docuvault::auth::User;
use docuvault::db::Database;
use docuvault::http::{Code, Json, Path, Query};
use docuvault::id::TopicId;
use docuvault::page::Page;
use docuvault::topic::{self, Namespace, NewTopic, Topic, TopicChange, TopicQuery};
use docuvault::visit::Visit;
use docuvault::{Result, db};

use crate::Capabilities;

docuvault::routes!(Capabilities: list_topics, create_topic, update_topic, delete_topic);

/// List topics
///
/// Returns the system topics and your own, newest first, a page at a time. With `counts=true`, each topic has
/// the number of your documents: those that a list of documents by this topic returns.
#[utoipa::path(
    get, path = "/api/topics", tag = "Topics",
    params(TopicQuery), security(("access_token" = [])),
    responses((status = OK, description = "One page of topics", body = Page<Topic>)),
    extensions(("x-codes" = json!([Code::PasswordChangeOwed])))
)]
async fn list_topics(
    user: User,
    Query(query): Query<TopicQuery>,
    State(db): State<Database>,
) -> Result<Json<Page<Topic>>> {
    Ok(Json(topic::list(&db, user, query).await?))
}

/// Create a topic
///
/// Only you see your topics. A name can be used once among all topics that you see; case, white space and
/// Unicode spelling make no difference. By default, you can have 200 topics of your own.
#[utoipa::path(
    post, path = "/api/topics", tag = "Topics",
    security(("access_token" = [])),
    responses((status = CREATED, description = "The new topic", body = Topic)),
    extensions(("x-codes" = json!([Code::PasswordChangeOwed, Code::TopicExists, Code::TooManyTopics])))
)]
async fn create_topic(
    user: User,
    visit: Visit,
    State(with): State<Capabilities>,
    Json(new): Json<NewTopic>,
) -> Result<(StatusCode, Json<Topic>)> {
    let created =
        db::topic::create(&with.db, user, Namespace::Own, &new, with.limits.max_own, &visit).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Change a topic
///
/// Fields that you leave out stay as they are. System topics can't be changed here.
#[utoipa::path(
    patch, path = "/api/topics/{id}", tag = "Topics",
    params(TopicId), security(("access_token" = [])),
    responses((status = OK, description = "The topic as it is now", body = Topic)),
    extensions(("x-codes" = json!([Code::PasswordChangeOwed, Code::NotFound, Code::TopicExists])))
)]
async fn update_topic(
    user: User,
    visit: Visit,
    Path(id): Path<TopicId>,
    State(db): State<Database>,
    Json(change): Json<TopicChange>,
) -> Result<Json<Topic>> {
    Ok(Json(db::topic::change(&db, user, Namespace::Own, id, &change, &visit).await?))
}

/// Delete a topic
///
/// Takes it off all your documents. System topics can't be deleted here.
#[utoipa::path(
    delete, path = "/api/topics/{id}", tag = "Topics",
    params(TopicId), security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "The topic is deleted")),
    extensions(("x-codes" = json!([Code::PasswordChangeOwed, Code::NotFound])))
)]
async fn delete_topic(
    user: User,
    visit: Visit,
    Path(id): Path<TopicId>,
    State(db): State<Database>,
) -> Result<StatusCode> {
    db::topic::delete(&db, user, Namespace::Own, id, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}
