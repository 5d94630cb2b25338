//! Resident memory of every function with routes, after a thousand requests.

use anyhow::Result;

use crate::sandbox::Sandbox;
use crate::table::Line;
use crate::workload::{Stage, Workload};
use crate::{Bench, process};

const BATCHES: usize = 10;
const BATCH: usize = 100;
const MOST_MIB: f64 = 16.0;

/// Asks each a thousand times.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut stage = Stage::with(1_000).await?;
    let hello = resident(bench, &mut stage, Workload::Hello).await?;
    let mut lines = vec![Line::told("resident after 1,000 requests: hello world", format!("{hello:.1} MiB"))];
    for function in bench.http_functions()? {
        let resident = resident(bench, &mut stage, Workload::of(&function)?).await?;
        lines.push(Line::judged(
            format!("resident after 1,000 requests: {function}"),
            "<= 16 MiB",
            format!("{resident:.1} MiB"),
            resident <= MOST_MIB,
        ));
    }
    Ok(lines)
}

async fn resident(bench: &Bench, stage: &mut Stage, workload: Workload) -> Result<f64> {
    let variables = stage.world.variables();
    let mut sandbox = Sandbox::start(&bench.programs, workload.function(), &variables).await?;
    for _ in 0..BATCHES {
        for request in stage.requests(workload, BATCH).await? {
            sandbox.invoke(&request).await?;
        }
    }
    process::resident_mib(sandbox.pid)
}
