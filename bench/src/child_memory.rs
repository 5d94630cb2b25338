//! Peak memory of the child that reads documents, as the kernel reports it for a process that has ended.

use std::path::Path;

use anyhow::{Result, ensure};
use tests::hostile;

use crate::Bench;
use crate::table::Line;
use crate::weight::weigh_child;

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
        let child = weigh_child(bench, bytes).await?;
        ensure!(child.succeeded || !must_succeed, "the child failed to read {name}");
        if child.peak_mib > most.0 {
            most = (child.peak_mib, name);
        }
    }
    Ok(most)
}
