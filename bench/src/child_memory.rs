//! Peak memory of the child that reads documents, as the kernel reports it for a process that has ended.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use extract::{ARGUMENT, ENVIRONMENT};
use tests::hostile;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::Bench;
use crate::table::Line;

const TARGET_MIB: f64 = 256.0;

/// A file: its name and its bytes.
pub type File = (String, Vec<u8>);

/// Measures the highest peak memory of a child. Each file is read by a child of its own: first these
/// documents and those of `tests/corpus`, where the child must succeed, and then hostile files, where it may
/// fail.
pub async fn measure(bench: &Bench, documents: Vec<File>) -> Result<Vec<Line>> {
    let mut good = read_corpus()?;
    good.extend(documents);
    let bad = hostile::files().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    let mut lines = Vec::new();
    for (what, files, must_succeed) in [("documents", good, true), ("hostile files", bad, false)] {
        let (mib, name) = find_highest_peak(bench, &files, must_succeed).await?;
        lines.push(Line::with_target(
            format!("child that reads {what}: peak resident memory"),
            "<= 256 MiB",
            format!("{mib:.1} MiB ({name}, of {})", files.len()),
            mib <= TARGET_MIB,
        ));
    }
    Ok(lines)
}

fn read_corpus() -> Result<Vec<File>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        files.push((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?));
    }
    Ok(files)
}

/// Returns the highest peak, and the file that caused it.
async fn find_highest_peak<'a>(
    bench: &Bench,
    files: &'a [File],
    must_succeed: bool,
) -> Result<(f64, &'a str)> {
    let mut most = (0.0, "");
    for (name, bytes) in files {
        let (mib, ended_well) = measure_peak(bench, bytes).await?;
        ensure!(ended_well || !must_succeed, "the child failed to read {name}");
        if mib > most.0 {
            most = (mib, name);
        }
    }
    Ok(most)
}

/// Reads a document with a child. Returns the child's peak memory in MiB, and whether it succeeded.
async fn measure_peak(bench: &Bench, document: &[u8]) -> Result<(f64, bool)> {
    let scale = Path::new(env!("CARGO_MANIFEST_DIR")).join("weigh.py");
    let mut child = Command::new(&bench.python)
        .args([scale, bench.programs.join("classify")])
        .arg(ARGUMENT)
        .env_clear()
        .envs(ENVIRONMENT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut stdin = child.stdin.take().context("the child has no input")?;
    let feeding = async move {
        // A child that knows enough closes its input early.
        let _seen_enough = stdin.write_all(document).await;
    };
    let ((), output) = tokio::join!(feeding, child.wait_with_output());
    let output = output?;
    let kib: f64 =
        str::from_utf8(&output.stdout)?.trim().parse().context("bench/weigh.py printed no number")?;
    Ok((kib / 1024.0, output.status.success()))
}
