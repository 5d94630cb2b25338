//! The same requests with a thousand documents and with a million, all of one user.

use anyhow::Result;

use crate::Bench;
use crate::sandbox::Sandbox;
use crate::statistics::median;
use crate::table::Line;
use crate::workload::{Stage, Workload};

const ROUNDS: usize = 9;
const REQUESTS: usize = 50;
const FEW: i64 = 1_000;
const MANY: i64 = 1_000_000;
const WORKLOADS: [Workload; 3] = [Workload::Confirm, Workload::Delete, Workload::List];

/// One vault, with a sandbox per workload.
struct Side {
    stage: Stage,
    sandboxes: Vec<Sandbox>,
}

/// Asks both sides in turns, round by round; the first round warms them.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let (mut few, mut many) = (Side::start(bench, FEW).await?, Side::start(bench, MANY).await?);
    let mut lines = Vec::new();
    for (index, workload) in WORKLOADS.into_iter().enumerate() {
        let mut p50s = Vec::new();
        for round in 0..=bench.rounds(ROUNDS) {
            let pair = in_turns(workload, index, &mut few, &mut many).await?;
            p50s.extend((round > 0).then_some(pair));
        }
        lines.push(line(workload, &p50s));
    }
    Ok(lines)
}

impl Side {
    async fn start(bench: &Bench, documents: i64) -> Result<Self> {
        let stage = Stage::with(documents).await?;
        let mut sandboxes = Vec::new();
        for workload in WORKLOADS {
            let variables = stage.world.variables();
            sandboxes.push(Sandbox::start(&bench.programs, workload.function(), &variables).await?);
        }
        Ok(Self { stage, sandboxes })
    }
}

/// The p50s of one round, in milliseconds.
async fn in_turns(workload: Workload, index: usize, few: &mut Side, many: &mut Side) -> Result<(f64, f64)> {
    let by_few = few.stage.requests(workload, REQUESTS).await?;
    let by_many = many.stage.requests(workload, REQUESTS).await?;
    let (mut first, mut second) = (Vec::new(), Vec::new());
    if let (Some(few), Some(many)) = (few.sandboxes.get_mut(index), many.sandboxes.get_mut(index)) {
        for (one, other) in by_few.iter().zip(&by_many) {
            first.push(few.invoke(one).await?.took.as_secs_f64() * 1e3);
            second.push(many.invoke(other).await?.took.as_secs_f64() * 1e3);
        }
    }
    Ok((median(&first), median(&second)))
}

fn line(workload: Workload, p50s: &[(f64, f64)]) -> Line {
    let ratio = median(&p50s.iter().map(|(few, many)| many / few).collect::<Vec<_>>());
    let (few, many): (Vec<_>, Vec<_>) = p50s.iter().copied().unzip();
    Line::judged(
        format!("{workload}, p50, with 1,000,000 documents"),
        "<= 1.2 x with 1,000",
        format!("{ratio:.2} x ({:.3} ms against {:.3} ms)", median(&many), median(&few)),
        ratio <= 1.2,
    )
}
