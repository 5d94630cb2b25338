//! The size of the zip that is uploaded to Lambda: the program as `bootstrap`.

use std::io::Write as _;

use anyhow::Result;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::Bench;
use crate::table::Line;

/// Bytes of a zip with one file besides the compressed data: two headers with the file's name, and the end
/// record.
const ZIP_OVERHEAD: usize = 30 + 46 + 2 * "bootstrap".len() + 22;

/// The target in MB, of a million bytes each. `classify` contains the libraries that read documents.
fn target_mb(function: &str) -> f64 {
    match function {
        "classify" => 15.0,
        "cleanup" => 3.9,
        _ => 4.0,
    }
}

/// Compresses every function as `sam package` does.
pub fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for function in bench.functions()? {
        let program = std::fs::read(bench.programs.join(&function))?;
        let mut zip = DeflateEncoder::new(Vec::new(), Compression::default());
        zip.write_all(&program)?;
        let size = zip.finish()?.len() + ZIP_OVERHEAD;
        let target_mb = target_mb(&function);
        lines.push(Line::with_target(
            format!("zip of {function}"),
            format!("<= {target_mb} MB"),
            format!("{:.2} MB ({:.2} MB unpacked)", size as f64 / 1e6, program.len() as f64 / 1e6),
            size as f64 / 1e6 <= target_mb,
        ));
    }
    Ok(lines)
}
