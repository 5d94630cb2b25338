//! Tests that the notifications of the object store reach `classify`.

use std::collections::BTreeSet;

use anyhow::Result;
use docuvault::limits::sdk::STORE;

use crate::support::{Functions, Runner, answer_success, aws_config};

fn s3_client(port: u16) -> aws_sdk_s3::Client {
    let endpoint = format!("http://127.0.0.1:{port}");
    docuvault::storage::new_client(&aws_config(), Some(&endpoint), STORE)
}

#[tokio::test]
async fn every_new_object_reaches_classify_even_if_the_runner_was_down() -> Result<()> {
    let runner = Runner::prepare().await?;
    let folder = std::env::temp_dir().join(format!("local-runner-{}", runner.s3_port));
    let store = runner.store(&folder).await?;
    let functions = Functions::serve(runner.functions_port, |_, _| answer_success()).await?;
    let first = runner.provision()?;
    assert_eq!(runner.provision()?, first, "a second time changes nothing");
    assert_eq!(
        first,
        format!(
            "QUEUE_URL=http://127.0.0.1:{}/123456789012/docuvault-documents\n\
             DEAD_LETTER_QUEUE_ARN=arn:aws:sqs:us-east-1:123456789012:docuvault-documents-dlq\n",
            runner.moto.port
        )
    );

    let s3 = s3_client(runner.s3_port);
    let running = runner.start().await?;
    s3.put_object().bucket("vault").key("seen").body(Vec::new().into()).send().await?;
    functions.records(1).await?;
    running.terminate().await?;
    s3.put_object().bucket("vault").key("missed").body(Vec::new().into()).send().await?;
    let _running = runner.start().await?;
    let records = functions.records(2).await?;
    let bodies = records.iter().filter_map(|record| record["body"].as_str());
    let keys = bodies.filter_map(|body| {
        serde_json::from_str::<serde_json::Value>(body).ok()?["Key"].as_str().map(str::to_owned)
    });
    assert_eq!(keys.collect::<BTreeSet<_>>(), BTreeSet::from(["vault/seen".into(), "vault/missed".into()]));

    drop(store);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
