//! A confirmation against its floor: the same statements and the same HEAD with nothing around them.

use anyhow::Result;

use crate::Bench;
use crate::sandbox::Sandbox;
use crate::statistics::median;
use crate::table::Line;
use crate::workload::{Stage, Workload};

const ROUNDS: usize = 15;

/// Confirmations of each in a round.
const REQUESTS: usize = 100;

/// Confirms in turns, round by round; the first round warms both.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut stage = Stage::with(1_000).await?;
    let variables = stage.world.variables();
    let mut confirm = Sandbox::start(&bench.programs, "confirm", &variables).await?;
    let mut floor = Sandbox::start(&bench.programs, "floor", &variables).await?;
    let mut rounds = Vec::new();
    for round in 0..=bench.rounds(ROUNDS) {
        let p50s = self::round(&mut stage, &mut [&mut confirm, &mut floor]).await?;
        rounds.extend((round > 0).then_some(p50s));
    }
    let ratio = median(&rounds.iter().map(|(mine, floor)| mine / floor).collect::<Vec<_>>());
    let (mine, floor): (Vec<_>, Vec<_>) = rounds.into_iter().unzip();
    Ok(vec![Line::judged(
        "confirm, p50, warm",
        "<= 1.15 x its floor",
        format!("{ratio:.3} x ({:.3} ms, floor {:.3} ms)", median(&mine), median(&floor)),
        ratio <= 1.15,
    )])
}

/// The two p50s of one round, in milliseconds.
async fn round(stage: &mut Stage, both: &mut [&mut Sandbox; 2]) -> Result<(f64, f64)> {
    let requests = stage.requests(Workload::Confirm, 2 * REQUESTS).await?;
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let [confirm, floor] = both;
    for pair in requests.chunks_exact(2) {
        if let [one, other] = pair {
            first.push(confirm.invoke(one).await?.took.as_secs_f64() * 1e3);
            second.push(floor.invoke(other).await?.took.as_secs_f64() * 1e3);
        }
    }
    Ok((median(&first), median(&second)))
}
