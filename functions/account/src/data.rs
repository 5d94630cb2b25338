//! What is kept about the account: `GET /api/auth/me/export`, `GET /api/auth/me/audit-log`, `DELETE
//! /api/auth/me`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use docuvault::Result;
use docuvault::account::audit_log;
use docuvault::account::removal;
use docuvault::audit_log::Entry;
use docuvault::auth::User;
use docuvault::db::Database;
use docuvault::export::{self, Export};
use docuvault::http::{Code, Cookie, Json, Query};
use docuvault::page::{Page, PageQuery};
use docuvault::passkey::Reauthentication;
use docuvault::storage::Stores;
use docuvault::visit::Visit;

use crate::Capabilities;

docuvault::routes!(Capabilities: export_account, list_own_audit_log, delete_account);

/// Export your data
///
/// Returns everything that is kept about your account, a page at a time: the account with its quota,
/// documents with their topics, your own topics, sessions, browsers, the audit log, mails, and passkeys. A
/// page has records of one or more kinds. To have the whole export, request pages until `next_cursor` is
/// null, and put their lists together. Each confirmed document has a URL from which its file can be fetched
/// by `GET`, without an access token. It works for 5 minutes, so fetch the files of a page before you request
/// the next one.
#[utoipa::path(
    get, path = "/api/auth/me/export", tag = "Account",
    params(PageQuery), security(("access_token" = [])),
    responses((status = OK, description = "One page of your data", body = Export)),
    extensions(("x-codes" = json!([Code::PasswordChangeOwed, Code::FactorOwed])))
)]
async fn export_account(
    user: User,
    Query(query): Query<PageQuery>,
    State(db): State<Database>,
    State(stores): State<Stores>,
) -> Result<Json<Export>> {
    Ok(Json(export::read(&db, &stores, user, query).await?))
}

/// List your audit log
///
/// Newest first, a page at a time. The audit log has an entry for each event that matters for the security of
/// your account, such as a login. You see the entries in which you have acted, and those that are about you.
#[utoipa::path(
    get, path = "/api/auth/me/audit-log", tag = "Account",
    params(PageQuery), security(("access_token" = [])),
    responses((status = OK, description = "One page of entries", body = Page<Entry>)),
    extensions(("x-codes" = json!([Code::PasswordChangeOwed, Code::FactorOwed])))
)]
async fn list_own_audit_log(
    user: User,
    Query(query): Query<PageQuery>,
    State(db): State<Database>,
) -> Result<Json<Page<Entry>>> {
    Ok(Json(audit_log::list(&db, user, query).await?))
}

/// Delete your account
///
/// Needs your password, and a code if you have TOTP. All sessions end at once, and the address is free. The
/// next sweep removes your documents with their files, and everything else that is kept about you. Only
/// entries of the audit log stay, until they are too old. The last active administrator cannot delete the own
/// account.
#[utoipa::path(
    delete, path = "/api/auth/me", tag = "Account",
    security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "The account is deleted")),
    extensions(("x-codes" = json!([
        Code::InvalidCredentials, Code::InvalidCode, Code::PasswordChangeOwed, Code::FactorOwed,
        Code::LastAdministrator, Code::TooManyAttempts, Code::SecretUnavailable
    ])))
)]
async fn delete_account(
    user: User,
    visit: Visit,
    State(with): State<Capabilities>,
    Json(given): Json<Reauthentication>,
) -> Result<impl IntoResponse> {
    let Capabilities { db, factors, attempts, .. } = &with;
    removal::remove_own(db, factors, *attempts, user, &visit, &given).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([Cookie::Refresh.remove(&with.origins)])))
}
