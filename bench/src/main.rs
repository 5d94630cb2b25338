//! Measures the built functions, as ratios within one run: what is compared takes turns, and medians of rounds decide. Prints
//! one table. A target that is missed is a line in it; only a measurement that can't be made is a failure.

mod counter;
mod cpu;
mod extraction;
mod init;
mod latency;
mod memory;
mod process;
mod queue;
mod requests;
mod runtime;
mod sandbox;
mod scale;
mod seed;
mod size;
mod statistics;
mod sweep;
mod table;
mod trips;
mod weight;
mod workload;
mod world;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use table::Line;

/// Every measurement, in the order of the table.
const MEASUREMENTS: [&str; 10] =
    ["trips", "init", "latency", "cpu", "memory", "scale", "sweep", "extraction", "queue", "size"];

/// Functions without routes: they are not asked by API Gateway.
const WITHOUT_ROUTES: [&str; 3] = ["classify", "cleanup", "migrate"];

/// What all measurements need to know.
struct Bench {
    /// The folder of the release programs.
    programs: PathBuf,
    /// The program of Python that has `bench/requirements.txt`.
    python: PathBuf,
    quick: bool,
}

impl Bench {
    /// Every function.
    fn functions(&self) -> Result<Vec<String>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            names.push(entry?.file_name().into_string().ok().context("a function with an odd name")?);
        }
        names.sort();
        Ok(names)
    }

    /// Those that answer requests of browsers.
    fn http_functions(&self) -> Result<Vec<String>> {
        let all = self.functions()?;
        Ok(all.into_iter().filter(|name| !WITHOUT_ROUTES.contains(&name.as_str())).collect())
    }

    /// How many rounds to make of so many.
    fn rounds(&self, wanted: usize) -> usize {
        if self.quick { wanted.div_ceil(5) } else { wanted }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut names: Vec<_> = std::env::args().skip(1).collect();
    let quick = names.iter().position(|name| name == "--quick").map(|at| names.remove(at)).is_some();
    if let Some(unknown) = names.iter().find(|name| !MEASUREMENTS.contains(&name.as_str())) {
        bail!("{unknown} is not one of: {}; --quick makes fewer rounds", MEASUREMENTS.join(", "));
    }
    let bench = Bench { programs: setting("BENCH_BIN_DIR")?, python: setting("BENCH_PYTHON")?, quick };
    let mut lines = Vec::new();
    for name in MEASUREMENTS {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            eprintln!("measuring: {name}");
            lines.extend(measure(&bench, name).await.with_context(|| format!("{name} can't be measured"))?);
        }
    }
    publish(&table::markdown(&lines))
}

async fn measure(bench: &Bench, name: &str) -> Result<Vec<Line>> {
    match name {
        "trips" => trips::measure(bench).await,
        "init" => init::measure(bench).await,
        "latency" => latency::measure(bench).await,
        "cpu" => cpu::measure(bench).await,
        "memory" => memory::measure(bench).await,
        "scale" => scale::measure(bench).await,
        "sweep" => sweep::measure(bench).await,
        "extraction" => extraction::measure(bench).await,
        "queue" => queue::measure(bench).await,
        _ => size::measure(bench),
    }
}

/// A path that `./dev bench` gives.
fn setting(name: &str) -> Result<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the benchmark's own settings")]
    let value = std::env::var_os(name).map(PathBuf::from);
    value.with_context(|| format!("{name} is not set: start with ./dev bench"))
}

/// Prints the table and keeps it in a file.
fn publish(table: &str) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench.md");
    std::fs::write(&path, table)?;
    println!("{table}\n{}", path.canonicalize()?.display());
    Ok(())
}
