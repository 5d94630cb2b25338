//! Measures how much longer requests take for a user with 1,000,000 documents than for a user with 1,000, and
//! how much longer a filtered list of the 1,000,000 documents takes than the unfiltered one.

use anyhow::Result;

use crate::Bench;
use crate::requests::http_request;
use crate::sandbox::Sandbox;
use crate::seed;
use crate::statistics::median;
use crate::table::Line;
use crate::workload::{Fixture, Workload};

const ROUNDS: usize = 9;
const REQUESTS: usize = 50;
/// Filtered lists per round.
const FILTERED: usize = 20;
const FEW: i64 = 1_000;
const MANY: i64 = 1_000_000;
const WORKLOADS: [Workload; 3] = [Workload::Confirm, Workload::Delete, Workload::List];

/// A vault with a sandbox for each workload.
struct Side {
    fixture: Fixture,
    sandboxes: Vec<Sandbox>,
}

/// Sends requests to a vault with few documents and to one with many, in turns and in rounds. The first round
/// warms them up and does not count.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let (mut few, mut many) = (Side::start(bench, FEW).await?, Side::start(bench, MANY).await?);
    let mut lines = Vec::new();
    for (index, workload) in WORKLOADS.into_iter().enumerate() {
        let mut p50s = Vec::new();
        for round in 0..=bench.rounds(ROUNDS) {
            let pair = run_in_turns(workload, index, &mut few, &mut many).await?;
            p50s.extend((round > 0).then_some(pair));
        }
        lines.push(format_line(workload, &p50s));
    }
    lines.extend(measure_filters(bench, &mut many).await?);
    Ok(lines)
}

impl Side {
    async fn start(bench: &Bench, documents: i64) -> Result<Self> {
        let fixture = Fixture::with_documents(documents).await?;
        let mut sandboxes = Vec::new();
        for workload in WORKLOADS {
            let variables = fixture.vault.variables();
            sandboxes.push(Sandbox::start(&bench.programs, workload.function(), &variables).await?);
        }
        Ok(Self { fixture, sandboxes })
    }
}

/// Compares filtered lists of 1,000,000 documents with the unfiltered list.
async fn measure_filters(bench: &Bench, many: &mut Side) -> Result<Vec<Line>> {
    let vault = &many.fixture.vault;
    let (none, few, half) = (
        seed::create_topic(vault, "None", 0).await?,
        seed::create_topic(vault, "Few", 100_000).await?,
        seed::create_topic(vault, "Half", 2).await?,
    );
    seed::vacuum_analyze(vault).await?;
    let filters = [
        ("a search that matches no filename", "q=nothing".to_owned()),
        ("a one-character search that matches no filename", "q=z".to_owned()),
        ("a search that matches one filename", "q=report%20777777".to_owned()),
        ("a search that matches one filename in a hundred", "q=contract".to_owned()),
        ("a search that matches all filenames", "q=.txt".to_owned()),
        ("a topic that no document has", format!("topic={none}")),
        ("a topic that ten documents have", format!("topic={few}")),
        ("a topic that half of them have", format!("topic={half}")),
        ("a status that no document has", "status=classification_failed".to_owned()),
        ("a status that all have", "status=uploaded".to_owned()),
    ];
    // No index answers these lists. They are measured without a target.
    let costly = [
        (
            "a topic that half of them have with a status that none has",
            format!("topic={half}&status=classification_failed"),
        ),
        (
            "a search that matches no filename though all filenames have its grams",
            "q=.txt.txt.txt".to_owned(),
        ),
    ];
    let mut lines = Vec::new();
    for (what, query) in filters {
        lines.push(measure_filter(bench, many, what, &query, Some(10.0)).await?);
    }
    for (what, query) in costly {
        lines.push(measure_filter(bench, many, what, &query, None).await?);
    }
    Ok(lines)
}

/// Measures one filter. `target` is a multiple of the unfiltered list's time.
async fn measure_filter(
    bench: &Bench,
    many: &mut Side,
    what: &str,
    query: &str,
    target: Option<f64>,
) -> Result<Line> {
    let caller = many.fixture.vault.caller();
    let list =
        |query: &str| http_request(&caller, "GET", &format!("/api/documents?limit=50{query}"), None, 200);
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
    Ok(format_comparison(
        format!("list of 50 of 1,000,000 documents, {what}, p50"),
        target,
        "the unfiltered list",
        &p50s,
    ))
}

/// Sends the requests of one round to both vaults in turns. Returns the p50 of each vault, in milliseconds.
async fn run_in_turns(
    workload: Workload,
    index: usize,
    few: &mut Side,
    many: &mut Side,
) -> Result<(f64, f64)> {
    let by_few = few.fixture.requests(workload, REQUESTS).await?;
    let by_many = many.fixture.requests(workload, REQUESTS).await?;
    let (mut first, mut second) = (Vec::new(), Vec::new());
    if let (Some(few), Some(many)) = (few.sandboxes.get_mut(index), many.sandboxes.get_mut(index)) {
        for (one, other) in by_few.iter().zip(&by_many) {
            first.push(few.invoke(one).await?.took.as_secs_f64() * 1e3);
            second.push(many.invoke(other).await?.took.as_secs_f64() * 1e3);
        }
    }
    Ok((median(&first), median(&second)))
}

fn format_line(workload: Workload, p50s: &[(f64, f64)]) -> Line {
    format_comparison(format!("{workload}, p50, with 1,000,000 documents"), Some(1.2), "with 1,000", p50s)
}

/// Formats the second value of a pair as a multiple of the first (the median of all pairs), with a target or
/// without one.
fn format_comparison(what: String, target: Option<f64>, than: &str, p50s: &[(f64, f64)]) -> Line {
    let ratio = median(&p50s.iter().map(|(first, second)| second / first).collect::<Vec<_>>());
    let (first, second): (Vec<_>, Vec<_>) = p50s.iter().copied().unzip();
    let measured = format!("{ratio:.2} x ({:.3} ms against {:.3} ms)", median(&second), median(&first));
    match target {
        Some(target) => Line::with_target(what, format!("<= {target} x {than}"), measured, ratio <= target),
        None => Line::without_target(what, measured),
    }
}
