//! Tests that messages are delivered to `classify` as Lambda's event source mapping does.

use std::time::Duration;

use anyhow::Result;
use aws_sdk_sqs::types::MessageAttributeValue;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::{Value, json};

use crate::support::{Functions, Runner, answer_failure, answer_success};

fn receive_counts(records: &[Value], body: &str) -> Vec<String> {
    let matching = records.iter().filter(|record| record["body"] == body);
    matching
        .filter_map(|record| record["attributes"]["ApproximateReceiveCount"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn only_the_failed_message_of_a_batch_is_delivered_again() -> Result<()> {
    let runner = Runner::prepare().await?;
    let functions = Functions::serve(runner.functions_port, |before, event| match before {
        0 => answer_failure(event, "bad"),
        _ => answer_success(),
    })
    .await?;
    runner.moto.sqs.create_queue().queue_name("docuvault-documents").send().await?;
    for body in ["good", "bad", "fine"] {
        runner.moto.send(body).await?;
    }
    let _running = runner.start().await?;
    let records = functions.records(4).await?;
    runner.moto.wait_until_drained().await?;
    assert_eq!(
        functions.events("classify").len(),
        2,
        "one call with the batch, and one with the failed message"
    );
    assert_eq!(receive_counts(&records, "bad"), ["1", "2"]);
    assert_eq!(receive_counts(&records, "good"), ["1"]);
    assert_eq!(receive_counts(&records, "fine"), ["1"]);
    Ok(())
}

#[tokio::test]
async fn a_message_arrives_with_its_own_attributes() -> Result<()> {
    let runner = Runner::prepare().await?;
    let functions = Functions::serve(runner.functions_port, |_, _| answer_success()).await?;
    let _running = runner.start().await?;
    let url = runner.moto.sqs.get_queue_url().queue_name("docuvault-documents").send().await?;
    let value = MessageAttributeValue::builder().data_type("String").string_value("00-of a trace").build()?;
    let message = runner.moto.sqs.send_message().set_queue_url(url.queue_url).message_body("a nudge");
    message.message_attributes("traceparent", value).send().await?;
    let records = functions.records(1).await?;
    let attributes = records.first().map(|record| record["messageAttributes"].clone()).unwrap_or_default();
    let expected = json!({"traceparent": {
        "stringValue": "00-of a trace", "stringListValues": [], "binaryListValues": [], "dataType": "String",
    }});
    assert_eq!(attributes, expected);
    Ok(())
}

fn is_dead_letter(record: &Value) -> bool {
    record["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:docuvault-documents-dlq"
}

#[tokio::test]
async fn a_message_that_always_fails_becomes_a_dead_letter_and_delays_no_other_message() -> Result<()> {
    let mut runner = Runner::prepare().await?;
    runner.max_receives = Some(3);
    let functions = Functions::serve(runner.functions_port, |_, event| {
        if is_dead_letter(&event["Records"][0]) { answer_success() } else { answer_failure(event, "bad") }
    })
    .await?;
    let _running = runner.start().await?;
    runner.moto.send("bad").await?;
    functions.records(1).await?;
    runner.moto.send("good").await?;
    runner.moto.wait_until_drained().await?;
    let records = functions.records(5).await?;
    let (dead, alive): (Vec<_>, Vec<_>) = records.into_iter().partition(is_dead_letter);
    assert_eq!(receive_counts(&alive, "bad"), ["1", "2", "3"]);
    assert_eq!(receive_counts(&alive, "good"), ["1"]);
    assert_eq!(dead.iter().map(|record| &record["body"]).collect::<Vec<_>>(), ["bad"]);
    runner.moto.wait_until_empty("docuvault-documents-dlq").await?;
    Ok(())
}

#[tokio::test]
async fn the_default_of_max_receives_is_the_limit_of_the_vault() -> Result<()> {
    let runner = Runner::prepare().await?;
    let _running = runner.start().await?;
    let policy = runner.moto.redrive_policy().await?;
    assert_eq!(policy["maxReceiveCount"], docuvault::limits::MAX_RECEIVES, "{policy}");
    Ok(())
}

#[tokio::test]
async fn a_batch_with_an_invalid_answer_is_delivered_again_as_a_whole() -> Result<()> {
    let runner = Runner::prepare().await?;
    let functions = Functions::serve(runner.functions_port, |before, _| match before {
        0 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        1 => ([("x-amz-function-error", "Unhandled")], "null").into_response(),
        2 => r#"{"batchItemFailures":[{"itemIdentifier":"nobody"}]}"#.into_response(),
        _ => "null".into_response(),
    })
    .await?;
    let _running = runner.start().await?;
    runner.moto.send("message").await?;
    let records = functions.records(4).await?;
    runner.moto.wait_until_drained().await?;
    assert_eq!(receive_counts(&records, "message"), ["1", "2", "3", "4"]);
    Ok(())
}

#[tokio::test]
async fn queues_that_the_server_lost_are_created_again() -> Result<()> {
    let mut runner = Runner::prepare().await?;
    let functions = Functions::serve(runner.functions_port, |_, _| answer_success()).await?;
    let _running = runner.start().await?;
    runner.moto.send("before").await?;
    functions.records(1).await?;
    runner.moto.restart().await?;
    runner.moto.send("after").await?;
    let records = functions.records(2).await?;
    runner.moto.wait_until_drained().await?;
    assert_eq!(receive_counts(&records, "after"), ["1"]);
    Ok(())
}

#[tokio::test]
async fn messages_wait_until_the_functions_can_be_reached() -> Result<()> {
    let mut runner = Runner::prepare().await?;
    // Longer than the test waits: only a message that is released reappears in time.
    runner.visibility_timeout = 600;
    let _running = runner.start().await?;
    runner.moto.send("message").await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let functions = Functions::serve(runner.functions_port, |_, _| answer_success()).await?;
    let records = functions.records(1).await?;
    runner.moto.wait_until_drained().await?;
    assert_eq!(receive_counts(&records, "message"), ["2"], "the whole outage counts as one delivery");
    Ok(())
}

#[tokio::test]
async fn a_running_batch_is_finished_before_the_shutdown() -> Result<()> {
    let runner = Runner::prepare().await?;
    let (entered, mut inside) = tokio::sync::mpsc::unbounded_channel();
    let functions = Functions::serve(runner.functions_port, move |_, _| {
        let _ = entered.send(());
        std::thread::sleep(Duration::from_secs(1));
        answer_success()
    })
    .await?;
    let running = runner.start().await?;
    runner.moto.send("message").await?;
    inside.recv().await;
    assert!(running.terminate().await?, "the exit status is success");
    assert_eq!(functions.events("classify").len(), 1);
    assert_eq!(runner.moto.count("docuvault-documents").await?, 0, "the message is deleted");
    Ok(())
}
