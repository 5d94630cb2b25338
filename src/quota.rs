//! A user's quota, in bytes.

use serde::Serialize;
use utoipa::ToSchema;

/// What a user has used, and may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quota {
    /// The sum of the sizes of your confirmed documents.
    #[schema(minimum = 0, examples(1_048_576))]
    pub used_bytes: i64,
    /// The most that this sum may become.
    #[schema(minimum = 0, examples(104_857_600))]
    pub limit_bytes: i64,
}
