//! Measures the built functions and prints one table. Values are ratios within one run: programs that are
//! compared run in turns, and the median of the rounds counts. A missed target is a line in the table. The
//! run fails only if something cannot be measured, and measures the rest all the same.

mod child_memory;
mod confirm_latency;
mod counter;
mod cpu;
mod extraction;
mod init;
mod limit;
mod memory;
mod process;
mod profile;
mod queue;
mod requests;
mod round_trips;
mod runtime;
mod sandbox;
mod scale;
mod seed;
mod shares;
mod size;
mod statistics;
mod sweep;
mod table;
mod timing;
mod vault;
mod weight;
mod workload;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use table::Line;

/// The measurements that run by default, in the order of the table.
const MEASUREMENTS: [&str; 12] = [
    "trips",
    "init",
    "latency",
    "cpu",
    "memory",
    "scale",
    "limit",
    "timing",
    "sweep",
    "extraction",
    "queue",
    "size",
];

/// The measurement that runs only if it is asked for by name, because it needs valgrind.
const PROFILE: &str = "profile";

/// The manifest with the router table, which names every function that has routes.
const MANIFEST: &str = include_str!("../../Cargo.toml");

/// The settings of all measurements.
struct Bench {
    /// The folder of the release programs.
    programs: PathBuf,
    /// A Python interpreter with the packages of `bench/requirements.txt`.
    python: PathBuf,
    quick: bool,
}

impl Bench {
    /// Returns the names of all functions.
    fn functions(&self) -> Result<Vec<String>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            names.push(entry?.file_name().into_string().ok().context("a function with an odd name")?);
        }
        names.sort();
        Ok(names)
    }

    /// Returns the names of the functions with routes.
    fn http_functions(&self) -> Result<Vec<String>> {
        let all = self.functions()?;
        let has_route = |name: &String| MANIFEST.contains(&format!("function = \"{name}\""));
        Ok(all.into_iter().filter(has_route).collect())
    }

    /// Returns the number of rounds to run: all that are wanted, or a fifth with `--quick`.
    fn rounds(&self, wanted: usize) -> usize {
        if self.quick { wanted.div_ceil(5) } else { wanted }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut names: Vec<_> = std::env::args().skip(1).collect();
    let quick = names.iter().position(|name| name == "--quick").map(|at| names.remove(at)).is_some();
    let known = |name: &str| MEASUREMENTS.contains(&name) || name == PROFILE;
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        bail!(
            "{unknown} is no measurement; choose from: {}, {PROFILE}; --quick runs fewer rounds",
            MEASUREMENTS.join(", ")
        );
    }
    let bench = Bench { programs: read_path("BENCH_BIN_DIR")?, python: read_path("BENCH_PYTHON")?, quick };
    let is_wanted =
        |name: &&str| names.is_empty() && *name != PROFILE || names.iter().any(|wanted| wanted == name);
    let (mut lines, mut failed) = (Vec::new(), Vec::new());
    for name in MEASUREMENTS.into_iter().chain([PROFILE]).filter(is_wanted) {
        eprintln!("measuring: {name}");
        match measure(&bench, name).await {
            Ok(measured) => lines.extend(measured),
            Err(error) => {
                eprintln!("{name} can't be measured: {error:#}");
                failed.push(name);
            }
        }
    }
    publish(&table::markdown(&lines))?;
    anyhow::ensure!(failed.is_empty(), "not measured: {}", failed.join(", "));
    Ok(())
}

async fn measure(bench: &Bench, name: &str) -> Result<Vec<Line>> {
    match name {
        "trips" => round_trips::measure(bench).await,
        "init" => init::measure(bench).await,
        "latency" => confirm_latency::measure(bench).await,
        "cpu" => cpu::measure(bench).await,
        "memory" => memory::measure(bench).await,
        "scale" => scale::measure(bench).await,
        "limit" => limit::measure(bench).await,
        "timing" => timing::measure(bench).await,
        "sweep" => sweep::measure(bench).await,
        "extraction" => extraction::measure(bench).await,
        "queue" => queue::measure(bench).await,
        PROFILE => profile::measure(bench).await,
        _ => size::measure(bench),
    }
}

/// Returns a path that `./dev bench` sets as a variable.
fn read_path(name: &str) -> Result<PathBuf> {
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
