//! The models that administrators may assign: `GET /api/admin/ai-models`.

use axum::extract::State;
use docuvault::Result;
use docuvault::administration::{self, AssignableModel};
use docuvault::auth::User;
use docuvault::http::{Code, Json};
use docuvault::page::Page;

use crate::Capabilities;

docuvault::routes!(Capabilities: list_ai_models);

/// List the models
///
/// The pairs of a provider and a model that you can assign to a user. The operator of the service configures
/// them.
#[utoipa::path(
    get, path = "/api/admin/ai-models", tag = "Administration",
    security(("access_token" = [])),
    responses((status = OK, description = "All models, on one page", body = Page<AssignableModel>)),
    extensions(("x-codes" = json!([Code::WrongRole, Code::PasswordChangeOwed, Code::FactorOwed])))
)]
async fn list_ai_models(user: User, State(with): State<Capabilities>) -> Result<Json<Page<AssignableModel>>> {
    Ok(Json(administration::list_models(&with.db, &with.models, user).await?))
}
