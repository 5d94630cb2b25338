//! Measures cold starts: the time from the start of a process to its first request for an event, compared
//! with a hello world in the same round.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::json;
use tests::sandbox::Variables;
use tests::{SECRET, SecretsManager};
use tokio_postgres::NoTls;

use crate::Bench;
use crate::sandbox::Sandbox;
use crate::statistics::median;
use crate::table::Line;
use crate::workload::{Fixture, Workload};

/// The number of rounds. The first one does not count, because it reads the programs from the disk.
const ROUNDS: usize = 21;

/// The times of one start, in milliseconds.
#[derive(Clone, Copy)]
struct Start {
    cpu: f64,
    wall: f64,
    first_answer: f64,
}

/// A program whose start is measured.
struct Subject {
    name: String,
    workload: Workload,
    variables: Variables,
}

/// Returns the target for an init, as a multiple of the hello world's. `classify` also prepares a queue and
/// model providers.
fn target(function: &str) -> f64 {
    if function == "classify" { 3.0 } else { 2.0 }
}

/// Starts `classify` and every function with routes, in rounds. Also starts `quota` with its secret in a
/// server that stands in for Secrets Manager, which has no TLS.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut fixture = Fixture::with_documents(1_000).await?;
    let secrets = SecretsManager::start(SECRET).await;
    let subjects = list_subjects(bench, &fixture.vault.variables(), &secrets)?;
    let greeting = Subject::new("hello", Workload::Hello, &fixture.vault.variables());
    let (mut hello, mut connect) = (Vec::new(), Vec::new());
    let mut starts = vec![Vec::new(); subjects.len()];
    for round in 0..bench.rounds(ROUNDS) {
        let counts = round > 0;
        connect.extend(counts.then_some(connect_ms(&fixture).await?));
        hello.extend(counts.then_some(start(bench, &mut fixture, &greeting).await?));
        for (subject, starts) in subjects.iter().zip(&mut starts) {
            starts.extend(counts.then_some(start(bench, &mut fixture, subject).await?));
        }
    }
    let connect = median(&connect);
    let lines = subjects
        .iter()
        .zip(&starts)
        .flat_map(|(subject, starts)| format_lines(&subject.name, starts, &hello, connect));
    Ok(lines.chain([Line::without_target("init of the hello world", describe(&hello))]).collect())
}

impl Subject {
    fn new(name: &str, workload: Workload, variables: &Variables) -> Self {
        Self { name: name.to_owned(), workload, variables: variables.clone() }
    }
}

fn list_subjects(bench: &Bench, variables: &Variables, secrets: &SecretsManager) -> Result<Vec<Subject>> {
    let mut functions = bench.http_functions()?;
    functions.push("classify".into());
    let subject = |name: &String| Ok(Subject::new(name, Workload::for_function(name)?, variables));
    let mut subjects = functions.iter().map(subject).collect::<Result<Vec<_>>>()?;
    let mut stored = variables.clone();
    secrets.provide(&mut stored, "JWT_SECRET_ARN");
    subjects.push(Subject::new("quota with a stored secret", Workload::for_function("quota")?, &stored));
    Ok(subjects)
}

async fn start(bench: &Bench, fixture: &mut Fixture, subject: &Subject) -> Result<Start> {
    let requests = fixture.requests(subject.workload, 1).await?;
    let begun = Instant::now();
    let mut sandbox =
        Sandbox::start(&bench.programs, subject.workload.function(), &subject.variables).await?;
    let (wall, cpu) = (sandbox.init.as_secs_f64() * 1e3, sandbox.cpu_ns()? as f64 / 1e6);
    for request in &requests {
        let answer = sandbox.invoke(request).await?.body;
        let failed = answer.get("batchItemFailures").is_some_and(|failed| failed != &json!([]));
        ensure!(!failed, "{} got the answer {answer}", request.what);
    }
    Ok(Start { cpu, wall, first_answer: begun.elapsed().as_secs_f64() * 1e3 })
}

/// Returns the time to open a connection to Postgres, in milliseconds.
async fn connect_ms(fixture: &Fixture) -> Result<f64> {
    let config: tokio_postgres::Config = fixture.vault.test.database.url("docuvault_app").parse()?;
    let begun = Instant::now();
    let _open = config.connect(NoTls).await?;
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

fn format_lines(name: &str, starts: &[Start], hello: &[Start], connect: f64) -> [Line; 3] {
    let cpu = ratio(starts, hello, |start| start.cpu);
    let wall = ratio(starts, hello, |start| start.wall);
    let (mine, greeting) = (median_of(starts, |start| start.wall), median_of(hello, |start| start.wall));
    let excess = ratio(starts, hello, |start| start.wall) - connect / greeting;
    let target = target(name);
    [
        Line::with_target(
            format!("init of {name}: CPU"),
            format!("<= {target:.1} x hello world"),
            format!("{cpu:.2} x ({:.2} ms)", median_of(starts, |start| start.cpu)),
            cpu <= target,
        ),
        Line::with_target(
            format!("init of {name}: wall"),
            format!("<= {target:.1} x hello world + one Postgres connect"),
            format!("{excess:.2} x + one connect of {connect:.2} ms ({mine:.2} ms, {wall:.2} x)"),
            excess <= target,
        ),
        Line::without_target(
            format!("start to first answer of {name}"),
            format!("{:.2} ms", median_of(starts, |s| s.first_answer)),
        ),
    ]
}

fn describe(starts: &[Start]) -> String {
    format!(
        "CPU {:.2} ms, wall {:.2} ms, first answer {:.2} ms",
        median_of(starts, |start| start.cpu),
        median_of(starts, |start| start.wall),
        median_of(starts, |start| start.first_answer)
    )
}

fn median_of(starts: &[Start], value: impl Fn(&Start) -> f64) -> f64 {
    median(&starts.iter().map(value).collect::<Vec<_>>())
}

/// Returns the median of the rounds' ratios.
fn ratio(starts: &[Start], hello: &[Start], value: impl Fn(&Start) -> f64) -> f64 {
    median(&starts.iter().zip(hello).map(|(start, hello)| value(start) / value(hello)).collect::<Vec<_>>())
}
