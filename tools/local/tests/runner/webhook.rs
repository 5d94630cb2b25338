//! Tests of `POST /events`, to which the store sends notifications.

use anyhow::Result;
use serde_json::json;

use crate::support::{Functions, Runner, TOKEN, answer_success};

#[tokio::test]
async fn a_notification_without_the_token_is_refused_and_not_queued() -> Result<()> {
    let runner = Runner::prepare().await?;
    let _running = runner.start().await?;
    for token in
        ["", "Bearer ", "Bearer wrong", TOKEN, &format!("Basic {TOKEN}"), &format!("Bearer {TOKEN}x")]
    {
        assert_eq!(runner.notify(token, "{}").await?, 401, "{token:?}");
    }
    assert_eq!(runner.moto.count("docuvault-documents").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_notification_reaches_classify_unchanged() -> Result<()> {
    let runner = Runner::prepare().await?;
    let functions = Functions::serve(runner.functions_port, |_, _| answer_success()).await?;
    let _running = runner.start().await?;
    let body = r#"{"EventName":"s3:ObjectCreated:Put","Key":"vault/a b.txt","Records":[]}"#;
    assert_eq!(runner.notify(&format!("Bearer {TOKEN}"), body).await?, 200);
    let records = functions.records(1).await?;
    let record = records.first().cloned().unwrap_or_default();
    assert_eq!(record["body"], body);
    assert_eq!(record["eventSource"], "aws:sqs");
    assert_eq!(record["eventSourceARN"], "arn:aws:sqs:us-east-1:123456789012:docuvault-documents");
    assert_eq!(record["awsRegion"], "us-east-1");
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(record["messageAttributes"], json!({}));
    assert_eq!(record["md5OfBody"].as_str().map(str::len), Some(32));
    runner.moto.wait_until_drained().await
}

#[tokio::test]
async fn a_notification_is_accepted_only_once_it_is_queued() -> Result<()> {
    let mut runner = Runner::prepare().await?;
    let functions = Functions::serve(runner.functions_port, |_, _| answer_success()).await?;
    let _running = runner.start().await?;
    runner.moto.stop();
    let token = format!("Bearer {TOKEN}");
    assert_eq!(runner.notify(&token, "one").await?, 503);
    runner.moto.restart().await?;
    assert_eq!(runner.notify(&token, "two").await?, 200);
    let bodies =
        functions.records(1).await?.into_iter().map(|record| record["body"].clone()).collect::<Vec<_>>();
    assert_eq!(bodies, ["two"]);
    Ok(())
}
