//! The sessions of the account: `GET /api/auth/sessions`, `DELETE /api/auth/sessions/{id}`, `POST
//! /api/auth/logout-all`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use docuvault::auth::User;
use docuvault::db::Database;
use docuvault::http::{Code, Cookie, Json, Path, Query};
use docuvault::id::SessionId;
use docuvault::page::{Page, PageQuery};
use docuvault::session::{self, Session};
use docuvault::visit::Visit;
use docuvault::{Result, db};

use crate::Capabilities;

docuvault::routes!(Capabilities: list_sessions, end_session, log_out_everywhere);

/// List your sessions
///
/// Each login starts a session. Returns those that have not ended, newest first, a page at a time.
#[utoipa::path(
    get, path = "/api/auth/sessions", tag = "Account",
    params(PageQuery), security(("access_token" = [])),
    responses((status = OK, description = "One page of sessions", body = Page<Session>)),
    extensions(("x-codes" = json!([Code::PasswordChangeOwed])))
)]
async fn list_sessions(
    user: User,
    Query(query): Query<PageQuery>,
    State(db): State<Database>,
) -> Result<Json<Page<Session>>> {
    Ok(Json(session::list(&db, user, query).await?))
}

/// End a session
///
/// Its tokens are refused from now on.
#[utoipa::path(
    delete, path = "/api/auth/sessions/{id}", tag = "Account",
    params(SessionId), security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "The session has ended")),
    extensions(("x-codes" = json!([Code::PasswordChangeOwed, Code::NotFound])))
)]
async fn end_session(
    user: User,
    visit: Visit,
    Path(id): Path<SessionId>,
    State(db): State<Database>,
) -> Result<StatusCode> {
    db::session::end(&db, user, id, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Log out everywhere
///
/// Ends all sessions of your account, also the one that sends the request.
#[utoipa::path(
    post, path = "/api/auth/logout-all", tag = "Account",
    security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "All sessions have ended")),
    extensions(("x-codes" = json!([Code::PasswordChangeOwed])))
)]
async fn log_out_everywhere(
    user: User,
    visit: Visit,
    State(with): State<Capabilities>,
) -> Result<impl IntoResponse> {
    db::session::end_all(&with.db, user, &visit).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([Cookie::Refresh.remove(&with.origins)])))
}
