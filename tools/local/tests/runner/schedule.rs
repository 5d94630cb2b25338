//! Tests that `cleanup` is called on a schedule.

use anyhow::Result;

use crate::support::{Functions, Runner, answer_success, wait_for};

#[tokio::test]
async fn cleanup_is_called_at_once_and_then_after_each_interval() -> Result<()> {
    let runner = Runner::prepare().await?;
    let functions = Functions::serve(runner.functions_port, |_, _| answer_success()).await?;
    let _running = runner.start().await?;
    let look = async || Ok(Some(functions.events("cleanup")).filter(|events| events.len() >= 2));
    for event in wait_for("two calls", look).await? {
        assert_eq!(event["source"], "aws.scheduler");
        assert_eq!(event["detail-type"], "Scheduled Event");
        assert_eq!(event["detail"], "{}");
    }
    Ok(())
}
