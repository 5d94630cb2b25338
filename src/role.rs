//! Roles of accounts.

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Keeps documents.
    User,
    /// Manages users and system topics, and sees no documents.
    Admin,
}

impl Role {
    /// As the database writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}
