//! The quota of an account: `GET,PUT /api/admin/users/{id}/quota`.

use axum::extract::State;
use docuvault::auth::User;
use docuvault::db::Database;
use docuvault::http::{Code, Json, Path};
use docuvault::id::UserId;
use docuvault::quota::{ManagedQuota, NewLimit};
use docuvault::visit::Visit;
use docuvault::{Result, db};

use crate::Capabilities;

docuvault::routes!(Capabilities: get_user_quota, set_user_quota);

/// Get the quota of a user
#[utoipa::path(
    get, path = "/api/admin/users/{id}/quota", tag = "Administration",
    params(UserId), security(("access_token" = [])),
    responses((status = OK, description = "The quota, in bytes", body = ManagedQuota)),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound
    ])))
)]
async fn get_user_quota(
    user: User,
    Path(id): Path<UserId>,
    State(db): State<Database>,
) -> Result<Json<ManagedQuota>> {
    Ok(Json(db::quota::get_of(&db, user, id).await?))
}

/// Set the quota of a user
///
/// A limit below the used bytes is set, too, and `warning` is true then: nothing is deleted, and no upload is
/// accepted until enough documents are deleted.
#[utoipa::path(
    put, path = "/api/admin/users/{id}/quota", tag = "Administration",
    params(UserId), security(("access_token" = [])),
    responses((status = OK, description = "The quota as it is now, in bytes", body = ManagedQuota)),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound
    ])))
)]
async fn set_user_quota(
    user: User,
    visit: Visit,
    Path(id): Path<UserId>,
    State(db): State<Database>,
    Json(new): Json<NewLimit>,
) -> Result<Json<ManagedQuota>> {
    Ok(Json(db::quota::set_limit(&db, user, id, new.limit_bytes, &visit).await?))
}
