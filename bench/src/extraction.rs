//! Measures the child that reads documents: the wall time from its start to its complete answer, and its CPU
//! time. A well-known tool reads the same file, in turns with the child.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use extract::Extractor;
use tokio::process::Command;

use crate::statistics::median;
use crate::table::Line;
use crate::weight::{scale, weigh, weigh_child};
use crate::{Bench, child_memory};

const ROUNDS: usize = 15;

/// The target for the wall time, in milliseconds.
const TARGET_MS: f64 = 150.0;

/// The last sentence of the documents that `bench/documents.py` makes. A reader that finds it has read
/// everything.
const LAST: &str = "Here ends the report.";

/// The tool that is a program of its own. `bench/readers.py` calls the other ones, which are for Python.
const PDFTOTEXT: &str = "pdftotext";

/// Documents, their files, the tools to compare with, and the most CPU time that the child may use, compared
/// with the tool's.
const SUBJECTS: [(&str, &str, &str, f64); 13] = [
    ("a PDF of 20 pages", "report.pdf", PDFTOTEXT, 1.0),
    ("a linearized PDF of 100 pages and 13,000 objects", "linearized.pdf", PDFTOTEXT, 1.0),
    ("a docx of 1 MB", "report.docx", "python-docx", 0.2),
    ("an xlsx of 20,000 cells", "report.xlsx", "openpyxl", 0.2),
    ("an xls of 20,000 cells", "report.xls", "xlrd", 0.2),
    ("a pptx of 100 slides", "report.pptx", "python-pptx", 0.2),
    ("an odt of 1,000 paragraphs", "report.odt", "odfpy", 0.2),
    ("rich text of 1,000 paragraphs", "report.rtf", "striprtf", 0.2),
    ("a page of 1,000 paragraphs", "report.html", "Beautiful Soup", 0.2),
    ("a book of 100 pages", "report.epub", "EbookLib", 0.2),
    ("a text of 1,000 paragraphs", "report.txt", "charset-normalizer", 0.2),
    ("a message of 1,000 paragraphs", "report.eml", "Python's email", 0.2),
    ("a message of Outlook of 1,000 paragraphs", "report.msg", "extract-msg", 0.2),
];

/// Makes the documents, and measures the child's time and memory.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let folder = bench.programs.join("bench-documents");
    make_documents(&bench.python, &folder).await?;
    let (mut lines, mut documents) = (Vec::new(), Vec::new());
    for (what, file, tool, most) in SUBJECTS {
        let path = folder.join(file);
        let bytes = std::fs::read(&path)?;
        let (wall, cpu) = compare(bench, &bytes, tool, path).await?;
        lines.push(format_wall(what, &wall));
        lines.push(format_cpu(what, tool, most, cpu));
        documents.push((what.to_owned(), bytes));
    }
    lines.extend(child_memory::measure(bench, documents).await?);
    Ok(lines)
}

async fn make_documents(python: &Path, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("documents.py");
    let made = Command::new(python).arg(script).arg(folder).status().await?;
    ensure!(made.success(), "bench/documents.py failed");
    Ok(())
}

/// Runs child and tool in turns, after a first read that fills the disk cache. Returns the wall times of the
/// child, and the CPU times of both. All are in milliseconds. If the tool is missing, only the child runs.
async fn compare(
    bench: &Bench,
    document: &[u8],
    tool: &str,
    path: PathBuf,
) -> Result<(Vec<f64>, Result<Vec<(f64, f64)>>)> {
    let command = build_command(&bench.python, tool, path);
    extract(bench, document).await?;
    let missing = check_tool(tool, &command).await.err();
    let (mut wall, mut cpu) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds(ROUNDS) {
        wall.push(extract(bench, document).await?);
        if missing.is_none() {
            let mut other = scale(bench);
            other.args(&command);
            let child = weigh_child(bench, document).await?;
            cpu.push((child.cpu_ms, weigh(other, &[]).await?.cpu_ms));
        }
    }
    Ok((wall, missing.map_or(Ok(cpu), Err)))
}

fn build_command(python: &Path, tool: &str, path: PathBuf) -> Vec<OsString> {
    if tool == PDFTOTEXT {
        return vec![tool.into(), path.into(), "-".into()];
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("readers.py");
    vec![python.into(), script.into(), path.into()]
}

/// Reads the document with the child. Returns the wall time in milliseconds.
async fn extract(bench: &Bench, document: &[u8]) -> Result<f64> {
    let extractor = Extractor::new(bench.programs.join("classify"));
    let begun = Instant::now();
    let found = extractor.read(document).await?;
    let took = begun.elapsed().as_secs_f64() * 1e3;
    ensure!(found.text.contains(LAST), "the child did not read the document to its end");
    Ok(took)
}

/// Fails if the tool cannot read its document to the end.
async fn check_tool(tool: &str, command: &[OsString]) -> Result<()> {
    let remedy =
        if tool == PDFTOTEXT { "Debian: apt-get install poppler-utils" } else { "./dev bench installs it" };
    let (program, arguments) = command.split_first().context("no program")?;
    let output = Command::new(program).args(arguments).output().await;
    let output = output.with_context(|| format!("{tool} can't be started ({remedy})"))?;
    let whole = String::from_utf8_lossy(&output.stdout).contains(LAST);
    ensure!(whole, "{tool} did not read the document to its end ({remedy})");
    Ok(())
}

fn format_wall(what: &str, wall: &[f64]) -> Line {
    let wall = median(wall);
    Line::with_target(
        format!("extraction of {what}"),
        format!("<= {TARGET_MS:.0} ms"),
        format!("{wall:.0} ms"),
        wall <= TARGET_MS,
    )
}

fn format_cpu(what: &str, tool: &str, most: f64, cpu: Result<Vec<(f64, f64)>>) -> Line {
    let what = format!("extraction of {what}: CPU");
    let cpu = match cpu {
        Ok(cpu) => cpu,
        Err(why) => return Line::without_target(what, format!("not measured: {why}")),
    };
    let (mine, other): (Vec<_>, Vec<_>) = cpu.into_iter().unzip();
    let ratio = median(&mine.iter().zip(&other).map(|(mine, other)| mine / other).collect::<Vec<_>>());
    Line::with_target(
        what,
        format!("<= {most:.1} x {tool}"),
        format!("{ratio:.2} x ({:.0} ms against {:.0} ms)", median(&mine), median(&other)),
        ratio <= most,
    )
}
