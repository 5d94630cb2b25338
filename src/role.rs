//! Roles of accounts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an account may do: a `user` keeps documents, an `admin` manages users and system topics, and sees no
/// documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("user"))]
pub enum Role {
    /// Keeps documents.
    User,
    /// Manages users and system topics, and sees no documents.
    Admin,
}

impl Role {
    /// The name that the database uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}
