//! What is uploaded to Lambda: the program as `bootstrap`, in a zip.

use std::io::Write as _;

use anyhow::Result;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::Bench;
use crate::table::Line;

/// What a zip of one file of this name has beside the compressed bytes: two headers with the name, and the end.
const AROUND: usize = 30 + 46 + 2 * "bootstrap".len() + 22;

/// In MB, as AWS counts them. One function brings along what reads documents.
fn most(function: &str) -> usize {
    if function == "classify" { 15 } else { 4 }
}

/// Compresses every function as `sam package` does.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for function in bench.functions()? {
        let program = std::fs::read(bench.programs.join(&function))?;
        let mut zip = DeflateEncoder::new(Vec::new(), Compression::default());
        zip.write_all(&program)?;
        let size = zip.finish()?.len() + AROUND;
        let most = most(&function);
        lines.push(Line::judged(
            format!("zip of {function}"),
            format!("<= {most} MB"),
            format!("{:.2} MB ({:.2} MB unpacked)", size as f64 / 1e6, program.len() as f64 / 1e6),
            size <= most * 1_000_000,
        ));
    }
    Ok(lines)
}
