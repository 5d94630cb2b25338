//! The quota of an account, in bytes.

use serde::Serialize;
use utoipa::ToSchema;

/// The bytes that your documents use, and the limit of your account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quota {
    /// The sum of the sizes of your confirmed documents, in bytes.
    #[schema(minimum = 0, examples(1_048_576))]
    pub used_bytes: i64,
    /// The limit of that sum, in bytes.
    #[schema(minimum = 0, examples(104_857_600))]
    pub limit_bytes: i64,
}
