//! Tests that `cleanup` and `mail` are called on their schedules.

use anyhow::Result;

use crate::support::{Functions, Runner, answer_success, wait_for};

#[tokio::test]
async fn cleanup_and_mail_are_called_at_once_and_then_after_each_interval() -> Result<()> {
    let runner = Runner::prepare().await?;
    let functions = Functions::serve(runner.functions_port, |_, _| answer_success()).await?;
    let _running = runner.start().await?;
    for function in ["cleanup", "mail"] {
        let look = async || Ok(Some(functions.events(function)).filter(|events| events.len() >= 2));
        for event in wait_for("two calls", look).await? {
            assert_eq!(event["source"], "aws.scheduler");
            assert_eq!(event["detail-type"], "Scheduled Event");
            assert_eq!(event["detail"], "{}");
            let schedule = event["resources"][0].as_str().unwrap_or_default();
            assert!(schedule.ends_with(&format!("schedule/default/{function}")), "{schedule}");
        }
    }
    Ok(())
}
