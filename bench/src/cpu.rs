//! CPU time (user and system) per warm request, compared with a hello world in the same round.

use anyhow::Result;

use crate::Bench;
use crate::sandbox::Sandbox;
use crate::statistics::median;
use crate::table::Line;
use crate::workload::{Fixture, Workload};

const ROUNDS: usize = 15;

/// Requests to each function in a round.
const REQUESTS: usize = 100;

const TARGETS: [(Workload, f64); 5] = [
    (Workload::Quota, 3.2),
    (Workload::List, 5.0),
    (Workload::UploadUrl, 4.4),
    (Workload::Confirm, 9.0),
    (Workload::Delete, 8.0),
];

/// Sends requests to one function after the other, in rounds. The first round warms up the functions and does
/// not count.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut fixture = Fixture::with_documents(1_000).await?;
    let workloads: Vec<_> =
        [Workload::Hello].into_iter().chain(TARGETS.map(|(workload, _)| workload)).collect();
    let mut sandboxes = Vec::new();
    for workload in &workloads {
        let variables = fixture.vault.variables();
        sandboxes.push(Sandbox::start(&bench.programs, workload.function(), &variables).await?);
    }
    let mut rounds = Vec::new();
    for round in 0..=bench.rounds(ROUNDS) {
        let mut micros = Vec::new();
        for (workload, sandbox) in workloads.iter().zip(&mut sandboxes) {
            micros.push(cpu_per_request(&mut fixture, *workload, sandbox).await?);
        }
        rounds.extend((round > 0).then_some(micros));
    }
    Ok(format_lines(&rounds))
}

/// Returns the mean CPU time of a request in this round, in microseconds.
async fn cpu_per_request(fixture: &mut Fixture, workload: Workload, sandbox: &mut Sandbox) -> Result<f64> {
    let requests = fixture.requests(workload, REQUESTS).await?;
    let before = sandbox.cpu_ns()?;
    for request in &requests {
        sandbox.invoke(request).await?;
    }
    Ok((sandbox.cpu_ns()? - before) as f64 / 1e3 / REQUESTS as f64)
}

fn format_lines(rounds: &[Vec<f64>]) -> Vec<Line> {
    let column = |index: usize| rounds.iter().filter_map(move |round| round.get(index).copied());
    let hello: Vec<_> = column(0).collect();
    let mut lines = vec![Line::without_target(
        "CPU per warm request of the hello world",
        format!("{:.0} us", median(&hello)),
    )];
    for (index, (workload, target)) in (1..).zip(TARGETS) {
        let micros: Vec<_> = column(index).collect();
        let ratio = median(&micros.iter().zip(&hello).map(|(mine, hello)| mine / hello).collect::<Vec<_>>());
        lines.push(Line::with_target(
            format!("CPU per warm request: {workload}"),
            format!("<= {target:.1} x hello world"),
            format!("{ratio:.2} x ({:.0} us)", median(&micros)),
            ratio <= target,
        ));
    }
    lines
}
