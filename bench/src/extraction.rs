//! Measures the wall time to read the text of a document, from the start of the child to its complete answer.
//! A well-known tool reads the same file, in turns with the child.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use extract::Extractor;
use tokio::process::Command;

use crate::statistics::median;
use crate::table::Line;
use crate::{Bench, child_memory};

const ROUNDS: usize = 15;

/// The last sentence of the documents that `bench/documents.py` makes. A reader that finds it has read
/// everything.
const LAST: &str = "Here ends the report.";

/// A short script that prints the text of a docx.
const PARAGRAPHS: &str = "import docx, sys
print(*(paragraph.text for paragraph in docx.Document(sys.argv[1]).paragraphs), sep='\\n')";

/// A program that extracts the text of a document, and a hint for its installation.
struct Tool {
    name: &'static str,
    remedy: &'static str,
    command: Vec<OsString>,
}

/// A document, the target for the child in milliseconds, and the tool to compare with.
struct Subject {
    what: &'static str,
    path: PathBuf,
    target_ms: f64,
    tool: Tool,
}

/// Makes the documents, and measures the child's time and memory.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let folder = bench.programs.join("bench-documents");
    make_documents(&bench.python, &folder).await?;
    let (mut lines, mut documents) = (Vec::new(), Vec::new());
    for subject in list_subjects(&bench.python, &folder) {
        let bytes = std::fs::read(&subject.path)?;
        lines.extend(compare(bench, &subject, &bytes).await?);
        documents.push((subject.what.to_owned(), bytes));
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

fn list_subjects(python: &Path, folder: &Path) -> [Subject; 2] {
    let (portable, word) = (folder.join("report.pdf"), folder.join("report.docx"));
    [
        Subject {
            what: "a PDF of 20 pages",
            target_ms: 250.0,
            tool: Tool {
                name: "pdftotext",
                remedy: "Debian: apt-get install poppler-utils",
                command: vec!["pdftotext".into(), portable.clone().into(), "-".into()],
            },
            path: portable,
        },
        Subject {
            what: "a docx of 1 MB",
            target_ms: 150.0,
            tool: Tool {
                name: "python-docx",
                remedy: "./dev bench installs it",
                command: vec![python.into(), "-c".into(), PARAGRAPHS.into(), word.clone().into()],
            },
            path: word,
        },
    ]
}

/// Runs child and tool in turns, after a first read that fills the disk cache. If the tool is missing,
/// measures the child alone.
async fn compare(bench: &Bench, subject: &Subject, document: &[u8]) -> Result<Vec<Line>> {
    let Subject { what, target_ms, tool, .. } = subject;
    extract(bench, document).await?;
    let missing = run_tool(tool).await.err();
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds(ROUNDS) {
        mine.push(extract(bench, document).await?);
        if missing.is_none() {
            others.push(run_tool(tool).await?);
        }
    }
    let wall = median(&mine);
    let ratios: Vec<_> = mine.iter().zip(&others).map(|(mine, other)| mine / other).collect();
    let ratio = format!("{:.2} x ({:.0} ms)", median(&ratios), median(&others));
    Ok(vec![
        Line::with_target(
            format!("extraction of {what}"),
            format!("<= {target_ms:.0} ms"),
            format!("{wall:.0} ms"),
            wall <= *target_ms,
        ),
        Line::without_target(
            format!("extraction of {what}, compared with {}", tool.name),
            missing.map_or(ratio, |why| format!("not measured: {why}")),
        ),
    ])
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

/// Reads the document with the tool. Returns the wall time in milliseconds.
async fn run_tool(tool: &Tool) -> Result<f64> {
    let Tool { name, remedy, command } = tool;
    let (program, arguments) = command.split_first().context("no program")?;
    let begun = Instant::now();
    let output = Command::new(program).args(arguments).output().await;
    let took = begun.elapsed().as_secs_f64() * 1e3;
    let output = output.with_context(|| format!("{name} can't be started ({remedy})"))?;
    let whole = String::from_utf8_lossy(&output.stdout).contains(LAST);
    ensure!(whole, "{name} did not read the document to its end ({remedy})");
    Ok(took)
}
