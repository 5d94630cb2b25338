//! Text out of documents, as `classify` has it read: from the start of the child to its whole answer, in turns with a known tool
//! that reads the same file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use extract::Extractor;
use tokio::process::Command;

use crate::statistics::median;
use crate::table::Line;
use crate::{Bench, weight};

const ROUNDS: usize = 15;

/// How the documents end, by `bench/documents.py`: who finds it has read them to their end.
const LAST: &str = "Here ends the report.";

/// What a person would write to see a docx's text.
const PARAGRAPHS: &str = "import docx, sys
print(*(paragraph.text for paragraph in docx.Document(sys.argv[1]).paragraphs), sep='\\n')";

/// A program that reads such a document, too, and how to get it.
struct Tool {
    name: &'static str,
    remedy: &'static str,
    command: Vec<OsString>,
}

/// A document, how long the child may take, in milliseconds, and who reads it beside us.
struct Subject {
    what: &'static str,
    path: PathBuf,
    most: f64,
    tool: Tool,
}

/// Has the documents made, read, and read again for their weight.
pub async fn measure(bench: &Bench) -> Result<Vec<Line>> {
    let folder = bench.programs.join("bench-documents");
    make(&bench.python, &folder).await?;
    let (mut lines, mut documents) = (Vec::new(), Vec::new());
    for subject in subjects(&bench.python, &folder) {
        let bytes = std::fs::read(&subject.path)?;
        lines.extend(compare(bench, &subject, &bytes).await?);
        documents.push((subject.what.to_owned(), bytes));
    }
    lines.extend(weight::measure(bench, documents).await?);
    Ok(lines)
}

async fn make(python: &Path, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("documents.py");
    let made = Command::new(python).arg(script).arg(folder).status().await?;
    ensure!(made.success(), "the documents can't be made");
    Ok(())
}

fn subjects(python: &Path, folder: &Path) -> [Subject; 2] {
    let (portable, word) = (folder.join("report.pdf"), folder.join("report.docx"));
    [
        Subject {
            what: "a PDF of 20 pages",
            most: 250.0,
            tool: Tool {
                name: "pdftotext",
                remedy: "Debian: apt-get install poppler-utils",
                command: vec!["pdftotext".into(), portable.clone().into(), "-".into()],
            },
            path: portable,
        },
        Subject {
            what: "a docx of 1 MB",
            most: 150.0,
            tool: Tool {
                name: "python-docx",
                remedy: "./dev bench installs it",
                command: vec![python.into(), "-c".into(), PARAGRAPHS.into(), word.clone().into()],
            },
            path: word,
        },
    ]
}

/// Both in turns, round by round, after a reading that brings them from the disk. A tool that is missing leaves us alone.
async fn compare(bench: &Bench, subject: &Subject, document: &[u8]) -> Result<Vec<Line>> {
    let Subject { what, most, tool, .. } = subject;
    extract(bench, document).await?;
    let missing = read(tool).await.err();
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds(ROUNDS) {
        mine.push(extract(bench, document).await?);
        if missing.is_none() {
            others.push(read(tool).await?);
        }
    }
    let wall = median(&mine);
    let ratios: Vec<_> = mine.iter().zip(&others).map(|(mine, other)| mine / other).collect();
    let ratio = format!("{:.2} x ({:.0} ms)", median(&ratios), median(&others));
    Ok(vec![
        Line::judged(
            format!("extraction of {what}"),
            format!("<= {most:.0} ms"),
            format!("{wall:.0} ms"),
            wall <= *most,
        ),
        Line::told(
            format!("extraction of {what}, against {}", tool.name),
            missing.map_or(ratio, |why| format!("not measured: {why}")),
        ),
    ])
}

/// The child's wall time, in milliseconds.
async fn extract(bench: &Bench, document: &[u8]) -> Result<f64> {
    let extractor = Extractor::new(bench.programs.join("classify"));
    let begun = Instant::now();
    let found = extractor.read(document).await?;
    let took = begun.elapsed().as_secs_f64() * 1e3;
    ensure!(found.text.contains(LAST), "the child does not read to the end");
    Ok(took)
}

/// The tool's, likewise.
async fn read(tool: &Tool) -> Result<f64> {
    let Tool { name, remedy, command } = tool;
    let (program, arguments) = command.split_first().context("no program")?;
    let begun = Instant::now();
    let output = Command::new(program).args(arguments).output().await;
    let took = begun.elapsed().as_secs_f64() * 1e3;
    let output = output.with_context(|| format!("{name} can't be started ({remedy})"))?;
    let whole = String::from_utf8_lossy(&output.stdout).contains(LAST);
    ensure!(whole, "{name} does not read to the end ({remedy})");
    Ok(took)
}
