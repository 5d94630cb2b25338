//! Round trips of warm requests, counted between the function and what it asks.

use anyhow::Result;

use crate::Bench;
use crate::counter::{Counter, Protocol};
use crate::sandbox::Sandbox;
use crate::table::Line;
use crate::workload::{Stage, Workload};

const REQUESTS: usize = 50;

/// What a request may ask of Postgres and of the store.
const TARGETS: [(Workload, usize, usize); 5] = [
    (Workload::UploadUrl, 1, 0),
    (Workload::Confirm, 2, 1),
    (Workload::Delete, 1, 1),
    (Workload::Quota, 1, 0),
    (Workload::List, 1, 0),
];

/// Counts for each function.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut stage = Stage::with(1_000).await?;
    let mut lines = Vec::new();
    for (workload, postgres, store) in TARGETS {
        let (asked_postgres, asked_store) = count(bench, &mut stage, workload).await?;
        lines.push(Line::judged(
            format!("round trips per warm request: {workload}"),
            format!("{postgres} Postgres + {store} store"),
            format!("{asked_postgres} + {asked_store}"),
            asked_postgres <= postgres as f64 && asked_store <= store as f64,
        ));
    }
    Ok(lines)
}

/// Questions to Postgres and to the store, per request.
async fn count(bench: &Bench, stage: &mut Stage, workload: Workload) -> Result<(f64, f64)> {
    let postgres = Counter::before(&stage.world.vault.database.address(), Protocol::Postgres).await?;
    let store = Counter::before(&tests::Environment::read().s3_endpoint, Protocol::Http).await?;
    let variables = stage.world.variables_by(&postgres.address, &store.address);
    let mut sandbox = Sandbox::start(&bench.programs, workload.function(), &variables).await?;
    let requests = stage.requests(workload, REQUESTS + 1).await?;
    let mut before = (0, 0);
    for (index, request) in requests.iter().enumerate() {
        if index == 1 {
            before = (postgres.count(), store.count());
        }
        sandbox.invoke(request).await?;
    }
    let each = |count: usize| count as f64 / REQUESTS as f64;
    Ok((each(postgres.count() - before.0), each(store.count() - before.1)))
}
