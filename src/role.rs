//! The roles of accounts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The role of an account. A `user` stores documents. An `admin` manages system topics, and has no access to
/// documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("user"))]
pub enum Role {
    /// The account stores documents.
    User,
    /// The account manages system topics, and has no access to documents.
    Admin,
}

impl Role {
    /// The name in the database and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}
