//! One run of the sweep over 100,000 abandoned uploads, of which 10,000 have objects.

use anyhow::{Result, ensure};

use crate::requests::Request;
use crate::sandbox::Sandbox;
use crate::seed;
use crate::table::Line;
use crate::vault::MeasuredVault;
use crate::{Bench, process};

const UPLOADS: i64 = 100_000;
const STORED: usize = 10_000;

/// Runs the sweep over uploads that are so old that their tombstones are removed at once.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let vault = MeasuredVault::new().await;
    let rows = seed::create_documents(&vault, UPLOADS, "pending", "3 days").await?;
    let stored: Vec<_> = rows.into_iter().take(STORED).collect();
    seed::store_objects(&vault, &stored).await?;
    seed::vacuum_analyze(&vault).await?;
    let mut sandbox = Sandbox::start(&bench.programs, "cleanup", &vault.variables()).await?;
    let answer =
        sandbox.invoke(&Request { what: "the schedule".into(), event: "{}".into(), status: None }).await?;
    let took = answer.took.as_secs_f64();
    let (speed, peak) = (UPLOADS as f64 / took, process::peak_mib(sandbox.pid)?);
    let abandoned = answer.body.get("abandoned").and_then(serde_json::Value::as_i64);
    ensure!(abandoned == Some(UPLOADS), "the sweep answered {}", answer.body);
    let left = count_left(&vault).await?;
    Ok(vec![
        Line::with_target(
            "sweep of 100,000 abandoned uploads",
            ">= 2,000 a second",
            format!("{speed:.0} a second ({took:.1} s)"),
            speed >= 2_000.0,
        ),
        Line::with_target("sweep: peak resident memory", "<= 64 MiB", format!("{peak:.1} MiB"), peak <= 64.0),
        Line::with_target("sweep: rows, tombstones and objects left", "0", left.to_string(), left == 0),
    ])
}

/// Returns the number of rows, tombstones and objects that are left.
async fn count_left(vault: &MeasuredVault) -> Result<usize> {
    let statement = "select (select count(*) from documents) + (select count(*) from tombstones)";
    let rows: i64 = vault.superuser.query_one(statement, &[]).await?.try_get(0)?;
    Ok(usize::try_from(rows)? + vault.test.bucket.object_sizes().await.len())
}
