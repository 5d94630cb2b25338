//! Latency of a confirmation, compared with its floor: a bare program that sends the same two statements and
//! the same HEAD.

use anyhow::Result;

use crate::Bench;
use crate::sandbox::Sandbox;
use crate::statistics::median;
use crate::table::Line;
use crate::workload::{Fixture, Workload};

const ROUNDS: usize = 15;

/// Confirmations by each program in a round.
const REQUESTS: usize = 100;

/// One program's values in a round: the p50 in milliseconds and the CPU time per request in microseconds.
#[derive(Clone, Copy)]
struct Round {
    p50: f64,
    cpu: f64,
}

/// Confirms in turns with both programs, in rounds. The first round warms them up and does not count.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut fixture = Fixture::with_documents(1_000).await?;
    let variables = fixture.vault.variables();
    let mut confirm = Sandbox::start(&bench.programs, "confirm", &variables).await?;
    let mut floor = Sandbox::start(&bench.programs, "floor", &variables).await?;
    let mut rounds = Vec::new();
    for round in 0..=bench.rounds(ROUNDS) {
        let both = run_in_turns(&mut fixture, &mut confirm, &mut floor).await?;
        rounds.extend((round > 0).then_some(both));
    }
    let (ratio, mine, least) = compare(&rounds, |round| round.p50);
    let (cpu_ratio, my_cpu, least_cpu) = compare(&rounds, |round| round.cpu);
    Ok(vec![
        Line::with_target(
            "confirm, p50, warm",
            "<= 1.15 x its floor",
            format!("{ratio:.3} x ({mine:.3} ms, floor {least:.3} ms)"),
            ratio <= 1.15,
        ),
        Line::without_target(
            "confirm, CPU time, compared with its floor",
            format!("{cpu_ratio:.2} x ({my_cpu:.0} us, floor {least_cpu:.0} us)"),
        ),
    ])
}

async fn run_in_turns(
    fixture: &mut Fixture,
    confirm: &mut Sandbox,
    floor: &mut Sandbox,
) -> Result<(Round, Round)> {
    let requests = fixture.requests(Workload::Confirm, 2 * REQUESTS).await?;
    let (my_cpu, least_cpu) = (confirm.cpu_ns()?, floor.cpu_ns()?);
    let (mut mine, mut least) = (Vec::new(), Vec::new());
    for pair in requests.chunks_exact(2) {
        if let [one, other] = pair {
            mine.push(confirm.invoke(one).await?.took.as_secs_f64() * 1e3);
            least.push(floor.invoke(other).await?.took.as_secs_f64() * 1e3);
        }
    }
    let cpu = |sandbox: &Sandbox, before| -> Result<f64> {
        Ok((sandbox.cpu_ns()? - before) as f64 / 1e3 / REQUESTS as f64)
    };
    let mine = Round { p50: median(&mine), cpu: cpu(confirm, my_cpu)? };
    Ok((mine, Round { p50: median(&least), cpu: cpu(floor, least_cpu)? }))
}

/// Returns the median of the rounds' ratios, and the medians of both programs.
fn compare(rounds: &[(Round, Round)], of: impl Fn(&Round) -> f64) -> (f64, f64, f64) {
    let over = |pick: &dyn Fn(&(Round, Round)) -> f64| median(&rounds.iter().map(pick).collect::<Vec<_>>());
    (over(&|(mine, floor)| of(mine) / of(floor)), over(&|(mine, _)| of(mine)), over(&|(_, floor)| of(floor)))
}
