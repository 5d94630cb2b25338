//! Round trips of warm requests, counted by proxies in front of Postgres and the store.

use anyhow::Result;

use crate::Bench;
use crate::counter::{Counter, Protocol};
use crate::sandbox::Sandbox;
use crate::table::Line;
use crate::workload::{Fixture, Workload};

const REQUESTS: usize = 50;

/// The most round trips that a request may make. The first number is for Postgres, the second for the store.
const TARGETS: [(Workload, usize, usize); 8] = [
    (Workload::UploadUrl, 1, 0),
    (Workload::Confirm, 2, 1),
    (Workload::Delete, 1, 1),
    (Workload::Quota, 1, 0),
    (Workload::List, 1, 0),
    (Workload::Me, 1, 0),
    (Workload::Refresh, 1, 0),
    (Workload::Login, 2, 0),
];

/// Counts the round trips of each workload.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut fixture = Fixture::with_documents(1_000).await?;
    let mut lines = Vec::new();
    for (workload, postgres, store) in TARGETS {
        let (postgres_trips, store_trips) = count(bench, &mut fixture, workload).await?;
        lines.push(Line::with_target(
            format!("round trips per warm request: {workload}"),
            format!("{postgres} Postgres + {store} store"),
            format!("{postgres_trips} + {store_trips}"),
            postgres_trips <= postgres as f64 && store_trips <= store as f64,
        ));
    }
    Ok(lines)
}

/// Round trips to Postgres and to the store per request.
async fn count(bench: &Bench, fixture: &mut Fixture, workload: Workload) -> Result<(f64, f64)> {
    let postgres = Counter::start(&fixture.vault.test.database.address(), Protocol::Postgres).await?;
    let store = Counter::start(&tests::Environment::read().s3_endpoint, Protocol::Http).await?;
    let variables = fixture.vault.variables_at(&postgres.address, &store.address);
    let mut sandbox = Sandbox::start(&bench.programs, workload.function(), &variables).await?;
    let requests = fixture.requests(workload, REQUESTS + 1).await?;
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
