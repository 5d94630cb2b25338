//! Creates the bucket, and makes the store notify the webhook of every new object.

use anyhow::{Context as _, Result};
use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};

use crate::config::{Config, TIMEOUTS};

/// The webhook target LOCAL, which `./dev` configures in the store's environment.
const TARGET: &str = "arn:minio:sqs::LOCAL:webhook";

/// Creates the bucket if it does not exist, and sets its notification.
pub async fn provision(config: &Config) -> Result<()> {
    let client = docuvault::storage::new_client(&config.aws, Some(&config.s3_endpoint), TIMEOUTS);
    create(&client, &config.bucket).await?;
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
        .with_context(|| format!("cannot set the notification of the bucket {}", config.bucket))?;
    Ok(())
}

async fn create(client: &Client, bucket: &str) -> Result<()> {
    let Err(error) = client.create_bucket().bucket(bucket).send().await else { return Ok(()) };
    match error.as_service_error() {
        Some(refusal) if refusal.is_bucket_already_owned_by_you() => Ok(()),
        _ => Err(error).with_context(|| format!("cannot create the bucket {bucket}")),
    }
}
