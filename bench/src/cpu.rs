//! CPU time (user and system) per warm request, compared with a hello world in the same round. Two routes are
//! also compared with the same routes in Python (`bench/python`).

use std::path::Path;

use anyhow::Result;
use tokio::process::Command;

use crate::Bench;
use crate::sandbox::{Sandbox, Variables};
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

/// The routes that exist in Python, too.
const IN_PYTHON: [Workload; 2] = [Workload::Quota, Workload::List];

/// Sends requests to one function after the other, in rounds. The first round warms up the functions and does
/// not count.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut fixture = Fixture::with_documents(1_000).await?;
    let variables = fixture.vault.variables();
    let mut measured = Vec::new();
    for workload in [Workload::Hello].into_iter().chain(TARGETS.map(|(workload, _)| workload)) {
        measured.push((workload, Sandbox::start(&bench.programs, workload.function(), &variables).await?));
    }
    for workload in IN_PYTHON {
        measured.push((workload, start_python(bench, workload, &variables).await?));
    }
    let mut rounds = Vec::new();
    for round in 0..=bench.rounds(ROUNDS) {
        let mut micros = Vec::new();
        for (workload, sandbox) in &mut measured {
            micros.push(cpu_per_request(&mut fixture, *workload, sandbox).await?);
        }
        rounds.extend((round > 0).then_some(micros));
    }
    Ok(format_lines(&rounds))
}

/// Starts the application in `bench/python` with AWS's Lambda runtime client for Python. Its log is named
/// after the workload's function.
async fn start_python(bench: &Bench, workload: Workload, variables: &Variables) -> Result<Sandbox> {
    let mut python = Command::new(&bench.python);
    python.args(["-m", "awslambdaric", "app.handler"]);
    python.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("python"));
    let name = format!("python-{}", workload.function());
    Sandbox::start_with_command(python, &bench.programs, &name, variables).await
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
        let ratio = median_ratio(&micros, &hello);
        lines.push(Line::with_target(
            format!("CPU per warm request: {workload}"),
            format!("<= {target:.1} x hello world"),
            format!("{ratio:.2} x ({:.0} us)", median(&micros)),
            ratio <= target,
        ));
    }
    for (index, workload) in (1 + TARGETS.len()..).zip(IN_PYTHON) {
        let micros: Vec<_> = column(index).collect();
        let ours: Vec<_> = column(1 + find_position(workload)).collect();
        lines.push(Line::without_target(
            format!("CPU per warm request: {workload} in Python"),
            format!(
                "{:.0} x hello world ({:.0} us), {:.1} x ours",
                median_ratio(&micros, &hello),
                median(&micros),
                median_ratio(&micros, &ours),
            ),
        ));
    }
    lines
}

fn find_position(workload: Workload) -> usize {
    TARGETS.iter().take_while(|(other, _)| *other != workload).count()
}

fn median_ratio(numerators: &[f64], denominators: &[f64]) -> f64 {
    median(&numerators.iter().zip(denominators).map(|(one, other)| one / other).collect::<Vec<_>>())
}
