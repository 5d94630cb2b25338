//! The bucket, and its notification of every new object to the webhook.

use anyhow::{Context as _, Result};
use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};

use crate::config::{Config, TIMEOUTS};

/// The webhook target named LOCAL in the store's environment.
const TARGET: &str = "arn:minio:sqs::LOCAL:webhook";

/// Makes the bucket where it is missing, and sets its notification.
pub async fn provision(config: &Config) -> Result<()> {
    let client = docuvault::storage::client(&config.aws, Some(&config.s3_endpoint), TIMEOUTS);
    make(&client, &config.bucket).await?;
    let notification =
        QueueConfiguration::builder().queue_arn(TARGET).events(Event::S3ObjectCreated).build()?;
    client
        .put_bucket_notification_configuration()
        .bucket(&config.bucket)
        .notification_configuration(
            NotificationConfiguration::builder().queue_configurations(notification).build(),
        )
        .send()
        .await
        .with_context(|| format!("the notification of {}", config.bucket))?;
    Ok(())
}

async fn make(client: &Client, bucket: &str) -> Result<()> {
    let Err(error) = client.create_bucket().bucket(bucket).send().await else { return Ok(()) };
    match error.as_service_error() {
        Some(refusal) if refusal.is_bucket_already_owned_by_you() => Ok(()),
        _ => Err(error).with_context(|| format!("create the bucket {bucket}")),
    }
}
