//! Accounts: `GET,POST /api/admin/users`, `GET,PATCH,DELETE /api/admin/users/{id}`, `POST
//! /api/admin/users/{id}/reset-password`, `POST /api/admin/users/{id}/reset-factors`.

use axum::extract::State;
use axum::http::StatusCode;
use docuvault::administration::{
    self, CreatedUser, ManagedUser, NewUser, TemporaryPassword, UserChange, UserQuery,
};
use docuvault::auth::User;
use docuvault::db::Database;
use docuvault::http::{Code, Json, Path, Query};
use docuvault::id::UserId;
use docuvault::page::Page;
use docuvault::visit::Visit;
use docuvault::{Result, db};

use crate::Capabilities;

docuvault::routes!(
    Capabilities: list_users, create_user, get_user, update_user, delete_user, reset_password, reset_factors
);

/// List users
///
/// All accounts, also those of administrators, newest first, a page at a time.
#[utoipa::path(
    get, path = "/api/admin/users", tag = "Administration",
    params(UserQuery), security(("access_token" = [])),
    responses((status = OK, description = "One page of accounts", body = Page<ManagedUser>)),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed])))
)]
async fn list_users(
    user: User,
    Query(query): Query<UserQuery>,
    State(db): State<Database>,
) -> Result<Json<Page<ManagedUser>>> {
    Ok(Json(administration::list(&db, user, query).await?))
}

/// Create a user
///
/// The account gets a temporary password, which only this answer shows. Its owner has to change it at the
/// first login.
#[utoipa::path(
    post, path = "/api/admin/users", tag = "Administration",
    security(("access_token" = [])),
    responses((status = CREATED, description = "The new account", body = CreatedUser)),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed, Code::EmailTaken
    ])))
)]
async fn create_user(
    user: User,
    visit: Visit,
    State(db): State<Database>,
    Json(new): Json<NewUser>,
) -> Result<(StatusCode, Json<CreatedUser>)> {
    Ok((StatusCode::CREATED, Json(administration::create(&db, user, new, &visit).await?)))
}

/// Get a user
#[utoipa::path(
    get, path = "/api/admin/users/{id}", tag = "Administration",
    params(UserId), security(("access_token" = [])),
    responses((status = OK, description = "The account", body = ManagedUser)),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound
    ])))
)]
async fn get_user(
    user: User,
    Path(id): Path<UserId>,
    State(db): State<Database>,
) -> Result<Json<ManagedUser>> {
    Ok(Json(db::administration::get(&db, user, id).await?))
}

/// Change a user
///
/// Fields that you leave out stay as they are. A new role and a deactivation end all sessions of the account.
/// You can't change your own role, nor deactivate your own account.
///
/// Send `ai_provider` and `ai_model` together: a pair of `GET /api/admin/ai-models`, or null and null for the
/// default.
#[utoipa::path(
    patch, path = "/api/admin/users/{id}", tag = "Administration",
    params(UserId), security(("access_token" = [])),
    responses((status = OK, description = "The account as it is now", body = ManagedUser)),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound, Code::OwnAccount
    ])))
)]
async fn update_user(
    user: User,
    visit: Visit,
    Path(id): Path<UserId>,
    State(with): State<Capabilities>,
    Json(change): Json<UserChange>,
) -> Result<Json<ManagedUser>> {
    Ok(Json(administration::change(&with.db, &with.models, user, id, &change, &visit).await?))
}

/// Delete a user
///
/// The account is gone at once, and its address is free. Its documents can't be found any more, and are
/// removed from the store within some hours. Only entries of the audit log are kept. You can't delete your
/// own account here.
#[utoipa::path(
    delete, path = "/api/admin/users/{id}", tag = "Administration",
    params(UserId), security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "The account is deleted")),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound, Code::OwnAccount
    ])))
)]
async fn delete_user(
    user: User,
    visit: Visit,
    Path(id): Path<UserId>,
    State(db): State<Database>,
) -> Result<StatusCode> {
    db::removal::begin(&db, user, id, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reset a password
///
/// Replaces the password by a temporary one, which only this answer shows. Its owner has to change it at the
/// next login. All sessions of the account end. You can't reset your own password here.
#[utoipa::path(
    post, path = "/api/admin/users/{id}/reset-password", tag = "Administration",
    params(UserId), security(("access_token" = [])),
    responses((status = OK, description = "The temporary password", body = TemporaryPassword)),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound, Code::OwnAccount
    ])))
)]
async fn reset_password(
    user: User,
    visit: Visit,
    Path(id): Path<UserId>,
    State(db): State<Database>,
) -> Result<Json<TemporaryPassword>> {
    Ok(Json(administration::reset_password(&db, user, id, &visit).await?))
}

/// Reset second factors
///
/// Removes the second factors of the account, so that its owner can log in with the password alone. All
/// sessions of the account end. You can't reset your own factors here.
#[utoipa::path(
    post, path = "/api/admin/users/{id}/reset-factors", tag = "Administration",
    params(UserId), security(("access_token" = [])),
    responses((status = NO_CONTENT, description = "The account has no second factor")),
    extensions(("x-codes" = json!([
        Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed, Code::NotFound, Code::OwnAccount
    ])))
)]
async fn reset_factors(
    user: User,
    visit: Visit,
    Path(id): Path<UserId>,
    State(db): State<Database>,
) -> Result<StatusCode> {
    db::administration::reset_factors(&db, user, id, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}
