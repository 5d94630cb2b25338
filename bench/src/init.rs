//! Cold starts: from the start of the process to its first question for work, against the hello world's in the same round.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::json;
use tokio_postgres::NoTls;

use crate::Bench;
use crate::sandbox::Sandbox;
use crate::statistics::median;
use crate::table::Line;
use crate::workload::{Stage, Workload};

/// The first is not counted: it reads the programs from the disk.
const ROUNDS: usize = 21;

/// One start, in milliseconds.
#[derive(Clone, Copy)]
struct Start {
    cpu: f64,
    wall: f64,
    first_answer: f64,
}

/// How many times the hello world's init another's may take. `classify` has more to make ready: a queue, and who is asked.
fn most(function: &str) -> f64 {
    if function == "classify" { 3.0 } else { 2.0 }
}

/// Starts every function that somebody waits for, round by round.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut stage = Stage::with(1_000).await?;
    let mut functions = bench.http_functions()?;
    functions.push("classify".into());
    let (mut hello, mut connect) = (Vec::new(), Vec::new());
    let mut starts = vec![Vec::new(); functions.len()];
    for round in 0..bench.rounds(ROUNDS) {
        let counts = round > 0;
        connect.extend(counts.then_some(connection(&stage).await?));
        hello.extend(counts.then_some(start(bench, &mut stage, Workload::Hello).await?));
        for (function, starts) in functions.iter().zip(&mut starts) {
            starts.extend(counts.then_some(start(bench, &mut stage, Workload::of(function)?).await?));
        }
    }
    let connect = median(&connect);
    let lines = functions.iter().zip(&starts).flat_map(|(name, starts)| lines(name, starts, &hello, connect));
    Ok(lines.chain([Line::told("init of the hello world", told(&hello))]).collect())
}

async fn start(bench: &Bench, stage: &mut Stage, workload: Workload) -> Result<Start> {
    let requests = stage.requests(workload, 1).await?;
    let begun = Instant::now();
    let mut sandbox = Sandbox::start(&bench.programs, workload.function(), &stage.world.variables()).await?;
    let (wall, cpu) = (sandbox.init.as_secs_f64() * 1e3, sandbox.cpu_ns()? as f64 / 1e6);
    for request in &requests {
        let answer = sandbox.invoke(request).await?.body;
        let failed = answer.get("batchItemFailures").is_some_and(|failed| failed != &json!([]));
        ensure!(!failed, "{} was answered {answer}", request.what);
    }
    Ok(Start { cpu, wall, first_answer: begun.elapsed().as_secs_f64() * 1e3 })
}

/// Opening one connection to Postgres, in milliseconds.
async fn connection(stage: &Stage) -> Result<f64> {
    let config: tokio_postgres::Config = stage.world.vault.database.url("docuvault_app").parse()?;
    let begun = Instant::now();
    let _open = config.connect(NoTls).await?;
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

fn lines(name: &str, starts: &[Start], hello: &[Start], connect: f64) -> [Line; 3] {
    let cpu = ratio(starts, hello, |start| start.cpu);
    let wall = ratio(starts, hello, |start| start.wall);
    let (mine, greeting) = (middle(starts, |start| start.wall), middle(hello, |start| start.wall));
    let excess = ratio(starts, hello, |start| start.wall) - connect / greeting;
    let most = most(name);
    [
        Line::judged(
            format!("init of {name}: CPU"),
            format!("<= {most:.1} x hello world"),
            format!("{cpu:.2} x ({:.2} ms)", middle(starts, |start| start.cpu)),
            cpu <= most,
        ),
        Line::judged(
            format!("init of {name}: wall"),
            format!("<= {most:.1} x hello world + one Postgres connect"),
            format!("{excess:.2} x + one connect of {connect:.2} ms ({mine:.2} ms, {wall:.2} x)"),
            excess <= most,
        ),
        Line::told(
            format!("start to first answer of {name}"),
            format!("{:.2} ms", middle(starts, |s| s.first_answer)),
        ),
    ]
}

fn told(starts: &[Start]) -> String {
    format!(
        "CPU {:.2} ms, wall {:.2} ms, first answer {:.2} ms",
        middle(starts, |start| start.cpu),
        middle(starts, |start| start.wall),
        middle(starts, |start| start.first_answer)
    )
}

fn middle(starts: &[Start], of: impl Fn(&Start) -> f64) -> f64 {
    median(&starts.iter().map(of).collect::<Vec<_>>())
}

/// The median of the rounds' ratios.
fn ratio(starts: &[Start], hello: &[Start], of: impl Fn(&Start) -> f64) -> f64 {
    median(&starts.iter().zip(hello).map(|(start, hello)| of(start) / of(hello)).collect::<Vec<_>>())
}
