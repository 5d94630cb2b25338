//! The settings of the services of AWS: credentials, the object store, the queue.

use super::{Result, read_base_url, read_optional, read_required};

/// The region, and the credentials that sign requests to services of AWS, and tokens for the database.
#[derive(Clone)]
pub struct AwsConfig {
    /// `AWS_REGION`: the region, such as `eu-central-1`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary credentials such as those on Lambda,
    /// `AWS_SESSION_TOKEN`.
    pub credentials: aws_credential_types::Credentials,
}

impl AwsConfig {
    pub(super) fn from_env() -> Result<Self> {
        let credentials = aws_credential_types::Credentials::new(
            read_required("AWS_ACCESS_KEY_ID", "the value that ./dev env prints (Lambda sets it by itself)")?,
            read_required(
                "AWS_SECRET_ACCESS_KEY",
                "the value that ./dev env prints (Lambda sets it by itself)",
            )?,
            read_optional("AWS_SESSION_TOKEN")?,
            None,
            "environment",
        );
        Ok(Self {
            region: read_required("AWS_REGION", "a region, such as us-east-1 (Lambda sets it by itself)")?,
            credentials,
        })
    }
}

/// The settings of the object store.
#[derive(Clone)]
pub struct StorageConfig {
    /// The region and the credentials.
    pub aws: AwsConfig,
    /// `S3_BUCKET`: the name of the bucket that holds the documents.
    pub bucket: String,
    /// `S3_ENDPOINT`: the URL at which functions reach the store. `None`: S3 itself.
    pub endpoint: Option<String>,
    /// `S3_PUBLIC_ENDPOINT`: the URL at which browsers reach the store. Presigned URLs begin with it.
    /// Default: `S3_ENDPOINT`.
    pub public_endpoint: Option<String>,
}

impl StorageConfig {
    /// Like [`Self::from_env`], but returns `None` if `S3_BUCKET` is not set. It is for functions that can
    /// work without the store.
    pub fn optional_from_env() -> Result<Option<Self>> {
        read_optional("S3_BUCKET")?.map(|_| Self::from_env()).transpose()
    }

    /// Reads the variables named in the comments of the fields.
    pub fn from_env() -> Result<Self> {
        let endpoint = read_base_url("S3_ENDPOINT")?;
        Ok(Self {
            aws: AwsConfig::from_env()?,
            bucket: read_required("S3_BUCKET", "the name of the bucket that holds the documents")?,
            public_endpoint: read_base_url("S3_PUBLIC_ENDPOINT")?.or_else(|| endpoint.clone()),
            endpoint,
        })
    }
}

/// The settings of the queue.
#[derive(Clone)]
pub struct QueueConfig {
    /// The region and the credentials.
    pub aws: AwsConfig,
    /// `QUEUE_URL`: the queue that triggers `classify`.
    pub url: String,
    /// `SQS_ENDPOINT`: the URL of the queue service. `None`: SQS itself.
    pub endpoint: Option<String>,
}

impl QueueConfig {
    /// Reads the variables named in the comments of the fields.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            aws: AwsConfig::from_env()?,
            url: read_required("QUEUE_URL", "the URL of the queue that triggers classification")?,
            endpoint: read_base_url("SQS_ENDPOINT")?,
        })
    }
}
