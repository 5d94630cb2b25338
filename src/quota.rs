//! The quota of an account, in bytes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The limit of new accounts, in bytes. Migration 0001 has the same number.
pub const DEFAULT_LIMIT_BYTES: i64 = 100 * 1024 * 1024;

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

/// The quota of an account, as administrators see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ManagedQuota {
    /// The sum of the sizes of the account's confirmed documents, in bytes.
    #[schema(minimum = 0, examples(1_048_576))]
    pub used_bytes: i64,
    /// The limit of that sum, in bytes.
    #[schema(minimum = 0, examples(104_857_600))]
    pub limit_bytes: i64,
    /// True if the account uses more bytes than the limit.
    #[schema(examples(false))]
    pub warning: bool,
}

/// A new limit of a quota.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLimit {
    /// The limit, in bytes.
    pub limit_bytes: LimitBytes,
}

/// The limit of a quota, in bytes: 0 to 9,007,199,254,740,991 (2^53 - 1), the largest number that every JSON
/// parser reads exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = i64, minimum = 0, maximum = 9_007_199_254_740_991_i64, examples(104_857_600))]
pub struct LimitBytes(i64);

impl LimitBytes {
    /// The largest limit.
    pub const MAX: i64 = (1 << 53) - 1;

    /// The number of bytes.
    pub const fn bytes(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for LimitBytes {
    type Error = &'static str;

    fn try_from(bytes: i64) -> Result<Self, Self::Error> {
        if (0..=Self::MAX).contains(&bytes) {
            Ok(Self(bytes))
        } else {
            Err("limit_bytes must be from 0 to 9007199254740991")
        }
    }
}
