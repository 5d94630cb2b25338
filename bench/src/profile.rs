//! Instructions per warm request, which valgrind's callgrind counts: those of the program, and none of the
//! kernel's. Unlike CPU time they are nearly the same in every run, whatever else the machine does.

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use crate::Bench;
use crate::sandbox::Sandbox;
use crate::shares;
use crate::table::Line;
use crate::workload::{Fixture, Workload};

/// Requests that warm up a function and do not count.
const WARM_UP: usize = 20;

const REQUESTS: usize = 50;

const WORKLOADS: [Workload; 6] = [
    Workload::Hello,
    Workload::Quota,
    Workload::List,
    Workload::UploadUrl,
    Workload::Confirm,
    Workload::Delete,
];

/// Runs one function after the other under callgrind. For each function, callgrind's counts stay in a file in
/// the folder of the programs.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut fixture = Fixture::with_documents(1_000).await?;
    let mut lines = Vec::new();
    for workload in WORKLOADS {
        let counts = count(bench, &mut fixture, workload).await?;
        let each = read_total(&counts)? / REQUESTS as u64;
        lines.push(Line::without_target(
            format!("instructions per warm request: {workload}"),
            each.to_string(),
        ));
        for (part, share) in shares::read(&counts).unwrap_or_default() {
            lines.push(Line::without_target(format!("{workload}: share of {part}"), format!("{share:.1} %")));
        }
    }
    Ok(lines)
}

/// Counts the instructions of all requests. Returns the text of callgrind's file.
async fn count(bench: &Bench, fixture: &mut Fixture, workload: Workload) -> Result<String> {
    let name = workload.function();
    let counts = bench.programs.join(format!("callgrind.{name}"));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--quiet"]);
    valgrind.arg(format!("--callgrind-out-file={}", counts.display())).arg(bench.programs.join(name));
    let variables = fixture.vault.variables();
    let mut sandbox = Sandbox::start_with_command(valgrind, &bench.programs, name, &variables).await?;
    for (control, requests) in [("--zero", WARM_UP), ("--dump", REQUESTS)] {
        for request in fixture.requests(workload, requests).await? {
            sandbox.invoke(&request).await?;
        }
        let done =
            Command::new("callgrind_control").arg(control).arg(sandbox.pid.to_string()).output().await?;
        ensure!(done.status.success(), "callgrind_control fails: {}", String::from_utf8_lossy(&done.stderr));
    }
    let counts = counts.with_extension(format!("{name}.1"));
    std::fs::read_to_string(&counts).with_context(|| format!("{} is not there", counts.display()))
}

/// Returns the sum in a file of counts.
fn read_total(counts: &str) -> Result<u64> {
    let line =
        counts.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    Ok(line.context("a file of counts without a sum")?.trim().parse()?)
}
