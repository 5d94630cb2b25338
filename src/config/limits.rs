//! The limits that an operator can set.

use super::{Result, read_or_default, read_positive};
use crate::limits::MAX_UPLOAD_BYTES;

/// The limits of uploads.
#[derive(Clone, Copy)]
pub struct UploadLimits {
    /// `MAX_UPLOAD_BYTES`: the size of the largest object, in bytes. Default: 5 GiB, the most that S3 accepts
    /// in one PUT.
    pub max_bytes: i64,
    /// `MAX_PENDING_UPLOADS`: the number of unexpired upload URLs that an account may have at a time.
    /// URLs of pending uploads and of deleted uploads count. Default: 100.
    pub max_pending: u32,
    /// `UPLOAD_URLS_PER_HOUR`: the most upload URLs that an account may request in an hour. Default: 1,500.
    pub urls_per_hour: u32,
}

impl UploadLimits {
    /// The default of `MAX_PENDING_UPLOADS`.
    pub const MAX_PENDING: u32 = 100;

    /// The default of `UPLOAD_URLS_PER_HOUR`. With it, a folder of 1,000 files can be uploaded at once.
    pub const URLS_PER_HOUR: u32 = 1_500;

    /// Reads the variables named in the comments of the fields.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            max_bytes: read_or_default("MAX_UPLOAD_BYTES", MAX_UPLOAD_BYTES)?,
            max_pending: read_positive("MAX_PENDING_UPLOADS", Self::MAX_PENDING)?,
            urls_per_hour: read_positive("UPLOAD_URLS_PER_HOUR", Self::URLS_PER_HOUR)?,
        })
    }
}

/// The limits of requests about existing documents.
#[derive(Clone, Copy)]
pub struct DocumentLimits {
    /// `CLASSIFICATIONS_PER_HOUR`: the most documents that an account may have classified again in an hour.
    /// Default: 100.
    pub classifications_per_hour: u32,
}

impl DocumentLimits {
    /// The default of `CLASSIFICATIONS_PER_HOUR`.
    pub const CLASSIFICATIONS_PER_HOUR: u32 = 100;

    /// Reads the variable named in the comment of the field.
    pub fn from_env() -> Result<Self> {
        let most = read_positive("CLASSIFICATIONS_PER_HOUR", Self::CLASSIFICATIONS_PER_HOUR)?;
        Ok(Self { classifications_per_hour: most })
    }
}

/// The limits of topics.
#[derive(Clone, Copy)]
pub struct TopicLimits {
    /// `MAX_OWN_TOPICS`: the number of own topics that an account may have at most. Default: 200.
    pub max_own: u32,
}

impl TopicLimits {
    /// The default of `MAX_OWN_TOPICS`.
    pub const MAX_OWN: u32 = 200;

    /// Reads the variable named in the comment of the field.
    pub fn from_env() -> Result<Self> {
        Ok(Self { max_own: read_or_default("MAX_OWN_TOPICS", Self::MAX_OWN)? })
    }
}

/// The setting of limits of attempts (`docuvault::limit`).
#[derive(Clone, Copy, Debug)]
pub struct AttemptLimits {
    /// `ADDRESS_LIMIT_FACTOR`: how many times as many attempts are admitted per address as by default. For
    /// operators whose users share one address. Default: 1.
    pub address_factor: u32,
}

impl AttemptLimits {
    /// Reads the variable named in the comment of the field.
    pub fn from_env() -> Result<Self> {
        Ok(Self { address_factor: read_positive("ADDRESS_LIMIT_FACTOR", 1)? })
    }
}
