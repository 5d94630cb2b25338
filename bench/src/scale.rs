//! The same requests with a thousand documents and with a million, all of one user; and lists of the million by each filter.

use anyhow::Result;

use crate::Bench;
use crate::requests::http;
use crate::sandbox::Sandbox;
use crate::seed;
use crate::statistics::median;
use crate::table::Line;
use crate::workload::{Stage, Workload};

const ROUNDS: usize = 9;
const REQUESTS: usize = 50;
/// Filtered lists in a round.
const FILTERED: usize = 20;
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
    lines.extend(filters(bench, &mut many).await?);
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

/// Filtered lists of a million documents against the one without a filter.
async fn filters(bench: &Bench, many: &mut Side) -> Result<Vec<Line>> {
    let world = &many.stage.world;
    let (none, few, half) = (
        seed::topic(world, "None", 0).await?,
        seed::topic(world, "Few", 100_000).await?,
        seed::topic(world, "Half", 2).await?,
    );
    seed::settle(world).await?;
    let filters = [
        ("q that no name has", "q=nothing".to_owned()),
        ("q of one character that no name has", "q=z".to_owned()),
        ("q that one name has", "q=report%20777777".to_owned()),
        ("q that one name in a hundred has", "q=contract".to_owned()),
        ("q that all names have", "q=.txt".to_owned()),
        ("a topic that no document has", format!("topic={none}")),
        ("a topic that ten documents have", format!("topic={few}")),
        ("a topic that half of them have", format!("topic={half}")),
        ("a status that no document has", "status=classification_failed".to_owned()),
        ("a status that all have", "status=uploaded".to_owned()),
    ];
    // What no index answers: how much it costs is told, and no target is set.
    let costly = [
        (
            "a topic that half of them have with a status that none has",
            format!("topic={half}&status=classification_failed"),
        ),
        ("q that no name has and whose grams all names have", "q=.txt.txt.txt".to_owned()),
    ];
    let mut lines = Vec::new();
    for (what, query) in filters {
        lines.push(filter(bench, many, what, &query, Some(10.0)).await?);
    }
    for (what, query) in costly {
        lines.push(filter(bench, many, what, &query, None).await?);
    }
    Ok(lines)
}

/// `most`: the target, as a multiple of the unfiltered list's time.
async fn filter(bench: &Bench, many: &mut Side, what: &str, query: &str, most: Option<f64>) -> Result<Line> {
    let caller = many.stage.world.caller();
    let list = |query: &str| http(&caller, "GET", &format!("/api/documents?limit=50{query}"), None, 200);
    let (all, narrowed) = (list(""), list(&format!("&{query}")));
    let mut p50s = Vec::new();
    for round in 0..=bench.rounds(ROUNDS) {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        if let Some(sandbox) = many.sandboxes.last_mut() {
            for _ in 0..FILTERED {
                one.push(sandbox.invoke(&all).await?.took.as_secs_f64() * 1e3);
                other.push(sandbox.invoke(&narrowed).await?.took.as_secs_f64() * 1e3);
            }
        }
        p50s.extend((round > 0).then_some((median(&one), median(&other))));
    }
    Ok(compared(
        format!("list of 50 of 1,000,000 documents, {what}, p50"),
        most,
        "the unfiltered list",
        &p50s,
    ))
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
    compared(format!("{workload}, p50, with 1,000,000 documents"), Some(1.2), "with 1,000", p50s)
}

/// The second of each pair as a multiple of the first, judged if there is a target.
fn compared(what: String, most: Option<f64>, than: &str, p50s: &[(f64, f64)]) -> Line {
    let ratio = median(&p50s.iter().map(|(first, second)| second / first).collect::<Vec<_>>());
    let (first, second): (Vec<_>, Vec<_>) = p50s.iter().copied().unzip();
    let measured = format!("{ratio:.2} x ({:.3} ms against {:.3} ms)", median(&second), median(&first));
    match most {
        Some(most) => Line::judged(what, format!("<= {most} x {than}"), measured, ratio <= most),
        None => Line::told(what, measured),
    }
}
