//! Measures the resident memory of every function with routes after 1,000 requests.

use anyhow::Result;

use crate::sandbox::Sandbox;
use crate::table::Line;
use crate::workload::{Fixture, Workload};
use crate::{Bench, process};

const BATCHES: usize = 10;
const BATCH: usize = 100;
const TARGET_MIB: f64 = 16.0;

/// Sends 1,000 requests to each function.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut fixture = Fixture::with_documents(1_000).await?;
    let hello = resident_mib(bench, &mut fixture, Workload::Hello).await?;
    let mut lines = vec![Line::without_target(
        "resident memory after 1,000 requests: hello world",
        format!("{hello:.1} MiB"),
    )];
    for function in bench.http_functions()? {
        let resident_mib = resident_mib(bench, &mut fixture, Workload::for_function(&function)?).await?;
        lines.push(Line::with_target(
            format!("resident memory after 1,000 requests: {function}"),
            "<= 16 MiB",
            format!("{resident_mib:.1} MiB"),
            resident_mib <= TARGET_MIB,
        ));
    }
    Ok(lines)
}

async fn resident_mib(bench: &Bench, fixture: &mut Fixture, workload: Workload) -> Result<f64> {
    let variables = fixture.vault.variables();
    let mut sandbox = Sandbox::start(&bench.programs, workload.function(), &variables).await?;
    for _ in 0..BATCHES {
        for request in fixture.requests(workload, BATCH).await? {
            sandbox.invoke(&request).await?;
        }
    }
    process::resident_mib(sandbox.pid)
}
