//! The sessions of an account: `GET,DELETE /api/admin/users/{id}/sessions`, `DELETE
//! /api/admin/users/{id}/sessions/{session_id}`.

use axum::extract::State;
use axum::http::StatusCode;
use docuvault::auth::User;
use docuvault::db::Database;
use docuvault::http::{Code, Json, Path, Query};
use docuvault::id::{SessionId, UserId};
use docuvault::page::{Page, PageQuery};
use docuvault::session::{self, Session};
use docuvault::visit::Visit;
use docuvault::{Result, db};

use crate::Capabilities;

docuvault::routes!(Capabilities: list_user_sessions, end_user_sessions, end_user_session);

/// List the sessions of a user
///
/// Returns those that have not ended, newest first, a page at a time.
#[utoipa::path(
    get, path = "/api/admin/users/{id}/sessions", tag = "Administration",
    params(UserId, PageQuery), security(("access_token" = [])),
    responses((status = OK, description = "One page of sessions", body = Page<Session>)),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound
    ])))
)]
async fn list_user_sessions(
    user: User,
    Path(id): Path<UserId>,
    Query(query): Query<PageQuery>,
    State(db): State<Database>,
) -> Result<Json<Page<Session>>> {
    Ok(Json(session::list_of(&db, user, id, query).await?))
}

/// End all sessions of a user
///
/// The account stays active: its owner can log in again.
#[utoipa::path(
    delete, path = "/api/admin/users/{id}/sessions", tag = "Administration",
    params(UserId), security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "The account has no sessions")),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound
    ])))
)]
async fn end_user_sessions(
    user: User,
    visit: Visit,
    Path(id): Path<UserId>,
    State(db): State<Database>,
) -> Result<StatusCode> {
    db::session::end_all_of(&db, user, id, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End a session of a user
///
/// Its tokens are refused from now on.
#[utoipa::path(
    delete, path = "/api/admin/users/{id}/sessions/{session_id}", tag = "Administration",
    params(
        ("id" = UserId, Path, description = "An account's id."),
        ("session_id" = SessionId, Path, description = "A session's id.")
    ),
    security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "The session has ended")),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound
    ])))
)]
async fn end_user_session(
    user: User,
    visit: Visit,
    Path((id, session_id)): Path<(UserId, SessionId)>,
    State(db): State<Database>,
) -> Result<StatusCode> {
    db::session::end_of(&db, user, id, session_id, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}
