//! The audit log: `GET /api/admin/audit-log`.

use axum::extract::State;
use docuvault::Result;
use docuvault::administration::{self, LogQuery};
use docuvault::audit_log::Entry;
use docuvault::auth::User;
use docuvault::db::Database;
use docuvault::http::{Code, Json, Query};
use docuvault::page::Page;

use crate::Capabilities;

docuvault::routes!(Capabilities: list_audit_log);

/// Read the audit log
///
/// Newest first, a page at a time. The filters can be combined.
#[utoipa::path(
    get, path = "/api/admin/audit-log", tag = "Administration",
    params(LogQuery), security(("access_token" = [])),
    responses((status = OK, description = "One page of entries", body = Page<Entry>)),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed])))
)]
async fn list_audit_log(
    user: User,
    Query(query): Query<LogQuery>,
    State(db): State<Database>,
) -> Result<Json<Page<Entry>>> {
    Ok(Json(administration::list_log(&db, user, query).await?))
}
