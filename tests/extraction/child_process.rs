//! The child process: its environment, its limits, and how it ends.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use extract::{Error, Extractor, NoText};
use tests::extractor;
use tests::hostile::pdf;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader, ReadBuf, duplex};

use crate::named_extractor::NamedExtractor;

/// A connection that breaks at the first read.
struct BrokenConnection;

impl AsyncRead for BrokenConnection {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::Error::other("lost")))
    }
}

/// Polls until `look` finds something, for 20 s at most.
pub async fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let give_up = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < give_up, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Returns a resource limit of a process: its soft and its hard value.
fn read_limit(process: &Path, name: &str) -> [String; 2] {
    let limits = std::fs::read_to_string(process.join("limits")).unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let mut words = line.split_whitespace().map(str::to_owned);
    [words.next().unwrap(), words.next().unwrap()]
}

#[tokio::test]
async fn a_child_has_resource_limits_and_inherits_neither_environment_nor_files() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let named = NamedExtractor::new();
    let (mut end, document) = duplex(64);
    let extractor = named.0.clone();
    let reading = tokio::spawn(async move { extractor.read(BufReader::new(document)).await });
    let process = wait_for("a child", || named.process()).await;
    // The child sets this limit last, before it reads anything.
    wait_for("limits", || (read_limit(&process, "Max open files")[0] == "4").then_some(())).await;
    for (name, most) in [
        ("Max address space", "268435456"),
        ("Max file size", "0"),
        ("Max core file size", "0"),
        ("Max open files", "4"),
    ] {
        assert_eq!(read_limit(&process, name), [most, most], "{name}");
    }
    assert_eq!(
        read_limit(&process, "Max cpu time"),
        ["6", "7"],
        "the soft limit sends a signal, the hard limit kills"
    );
    assert_eq!(std::fs::read_to_string(process.join("environ")).unwrap(), "MALLOC_ARENA_MAX=1\0");
    let line = std::fs::read_to_string(process.join("cmdline")).unwrap();
    assert_eq!(line, format!("{}\0extract\0", named.0.program.display()));
    let open = std::fs::read_dir(process.join("fd"))
        .unwrap()
        .map(|fd| std::fs::read_link(fd.unwrap().path()).unwrap());
    assert!(
        open.into_iter().all(|file| !file.to_str().unwrap().starts_with("socket:")),
        "the child has inherited a socket: {listener:?}"
    );
    end.write_all(b"Berth 42 is paid.").await.unwrap();
    drop(end);
    assert_eq!(reading.await.unwrap().unwrap().text, "Berth 42 is paid.");
    assert!(!process.exists(), "the child ends after one document");
}

/// Returns whether a process is gone, or waits only for its parent to ask for its exit status. A killed
/// process loses its command line a moment earlier.
fn is_dead(process: &Path) -> bool {
    let stat = std::fs::read_to_string(process.join("stat"));
    stat.map_or(true, |stat| stat.rsplit_once(')').unwrap().1.trim_start().starts_with('Z'))
}

#[tokio::test]
async fn a_waiting_child_reads_the_next_document_is_replaced_if_it_dies_and_ends_with_the_extractor() {
    let mut named = NamedExtractor::new();
    let read = async || named.0.read(&b"Berth 42 is paid."[..]).await.unwrap().text;
    read().await;
    let waiting = wait_for("the next child", || named.process()).await;
    assert_eq!(read().await, "Berth 42 is paid.");
    assert!(!waiting.exists(), "the waiting child has read the document");
    let waiting = wait_for("the next child", || named.process()).await;
    let pid = waiting.file_name().unwrap().to_str().unwrap();
    assert!(std::process::Command::new("kill").args(["-KILL", pid]).status().unwrap().success());
    wait_for("its end", || is_dead(&waiting).then_some(())).await;
    assert_eq!(read().await, "Berth 42 is paid.", "a new child reads the document");
    wait_for("the next child", || named.process()).await;
    named.0 = Extractor::new(named.0.program.clone());
    wait_for("its end", || named.process().is_none().then_some(())).await;
}

#[tokio::test]
async fn a_document_that_does_not_arrive_in_time_is_a_source_failure_and_ends_the_child() {
    let mut named = NamedExtractor::new();
    named.0.timeout = Duration::from_millis(500);
    let (mut end, document) = duplex(64);
    end.write_all(b"Berth 42").await.unwrap();
    let answer = named.0.read(BufReader::new(document)).await;
    assert!(matches!(answer, Err(Error::Source(_))), "{answer:?}");
    assert_eq!(named.process(), None);
}

#[tokio::test]
async fn a_document_whose_connection_breaks_is_a_source_failure() {
    let document = BufReader::new((&b"Berth 42 is paid."[..]).chain(BrokenConnection));
    let answer = extractor().read(document).await;
    assert!(matches!(answer, Err(Error::Source(_))), "{answer:?}");
}

#[tokio::test]
async fn a_misbehaving_child_is_ended_in_time() {
    for (way, failure) in [
        ("deaf", "Slow"),
        ("silent", "Slow"),
        ("talkative", "Crashed"),
        ("babbling", "Crashed"),
        ("breaking-off", "Crashed"),
        ("crashing", "Crashed"),
        ("long-winded", "Crashed"),
        ("leaving", "Crashed"),
        ("burning", "Exhausted"),
    ] {
        let named = NamedExtractor::misbehaving(way);
        let answer = named.0.read(&b"Berth 42"[..]).await.map(|found| found.format);
        let answer = format!("{:?}", answer.unwrap_err());
        assert_eq!(answer, failure, "{way}");
        assert_eq!(named.process(), None, "{way}");
    }
}

#[tokio::test]
async fn a_child_without_cpu_time_is_slow_and_one_that_used_its_cpu_time_is_exhausted() {
    let mut named = NamedExtractor::new();
    named.0.timeout = Duration::from_secs(2);
    let (mut end, document) = duplex(64);
    let extractor = named.0.clone();
    let reading = tokio::spawn(async move { extractor.read(BufReader::new(document)).await });
    let process = wait_for("a child", || named.process()).await;
    let pid = process.file_name().unwrap().to_str().unwrap();
    assert!(std::process::Command::new("kill").args(["-STOP", pid]).status().unwrap().success());
    end.write_all(b"Berth 42 is paid.").await.unwrap();
    drop(end);
    let answer = reading.await.unwrap();
    assert!(matches!(answer, Err(Error::Slow)), "{answer:?}");
    // The machine may be busy.
    named.0.timeout = Duration::from_secs(60);
    let answer = named.0.read(&pdf::with_endless_drawing()[..]).await;
    assert!(matches!(answer, Err(Error::Exhausted)), "{answer:?}");
}

#[tokio::test]
async fn cancelling_a_read_ends_its_child() {
    // This child does not end by itself when its input ends.
    let mut named = NamedExtractor::misbehaving("deaf");
    named.0.timeout = Duration::from_secs(60);
    let (_end, document) = duplex(64);
    let extractor = named.0.clone();
    let reading = tokio::spawn(async move { extractor.read(BufReader::new(document)).await });
    wait_for("a child", || named.process()).await;
    reading.abort();
    wait_for("its end", || named.process().is_none().then_some(())).await;
}

#[tokio::test]
async fn a_missing_program_is_a_start_failure() {
    let answer = Extractor::new("/nowhere/classify".into()).read(&b"Berth 42"[..]).await;
    assert!(matches!(answer, Err(Error::Start(_))), "{answer:?}");
}

#[tokio::test]
async fn a_picture_is_recognized_by_its_first_bytes() {
    // The input never ends and exceeds what a pipe holds. The child closes its input once it knows the
    // format.
    let picture = crate::corpus::read_file("receipt.png");
    let endless = (&picture[..]).chain(tokio::io::repeat(7));
    let found = extractor().read(BufReader::new(endless)).await.unwrap();
    assert_eq!(found.no_text, Some(NoText::Image));
}
