//! The system topics, which only administrators change: `GET,POST /api/admin/topics`, `PATCH,DELETE
//! /api/admin/topics/{id}`.

use axum::extract::State;
use axum::http::StatusCode;
use docuvault::auth::User;
use docuvault::db::Database;
use docuvault::http::{Code, Json, Path, Query};
use docuvault::id::TopicId;
use docuvault::page::{Page, PageQuery};
use docuvault::topic::{self, Namespace, NewTopic, Topic, TopicChange};
use docuvault::visit::Visit;
use docuvault::{Result, db};

use crate::Capabilities;

docuvault::routes!(
    Capabilities: list_system_topics, create_system_topic, update_system_topic, delete_system_topic
);

/// List system topics
///
/// Newest first, a page at a time.
#[utoipa::path(
    get, path = "/api/admin/topics", tag = "Administration",
    params(PageQuery), security(("access_token" = [])),
    responses((status = OK, description = "One page of topics", body = Page<Topic>)),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed])))
)]
async fn list_system_topics(
    user: User,
    Query(query): Query<PageQuery>,
    State(db): State<Database>,
) -> Result<Json<Page<Topic>>> {
    Ok(Json(topic::list_system(&db, user, query).await?))
}

/// Create a system topic
///
/// Everybody sees it. A user's own topic of the same name is replaced by it: its documents get the system
/// topic.
#[utoipa::path(
    post, path = "/api/admin/topics", tag = "Administration",
    security(("access_token" = [])),
    responses((status = CREATED, description = "The new topic", body = Topic)),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed, Code::TopicExists])))
)]
async fn create_system_topic(
    user: User,
    visit: Visit,
    State(with): State<Capabilities>,
    Json(new): Json<NewTopic>,
) -> Result<(StatusCode, Json<Topic>)> {
    let created =
        db::topic::create(&with.db, user, Namespace::System, &new, with.limits.max_own, &visit).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Change a system topic
///
/// Fields that you leave out stay as they are.
#[utoipa::path(
    patch, path = "/api/admin/topics/{id}", tag = "Administration",
    params(TopicId), security(("access_token" = [])),
    responses((status = OK, description = "The topic as it is now", body = Topic)),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::NotFound, Code::TopicExists
    ])))
)]
async fn update_system_topic(
    user: User,
    visit: Visit,
    Path(id): Path<TopicId>,
    State(db): State<Database>,
    Json(change): Json<TopicChange>,
) -> Result<Json<Topic>> {
    Ok(Json(db::topic::change(&db, user, Namespace::System, id, &change, &visit).await?))
}

/// Delete a system topic
///
/// Takes it off the documents of all users.
#[utoipa::path(
    delete, path = "/api/admin/topics/{id}", tag = "Administration",
    params(TopicId), security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "The topic is deleted")),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed, Code::NotFound])))
)]
async fn delete_system_topic(
    user: User,
    visit: Visit,
    Path(id): Path<TopicId>,
    State(db): State<Database>,
) -> Result<StatusCode> {
    db::topic::delete(&db, user, Namespace::System, id, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}
