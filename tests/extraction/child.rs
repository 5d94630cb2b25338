//! The child itself: what it is given, what holds it back, and how it ends.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use extract::{Error, Extractor, NoText};
use tests::extractor;
use tests::hostile::portable;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader, ReadBuf, duplex};

/// An extractor whose children have a name of their own, by which they are found.
pub struct Named(pub Extractor);

impl Named {
    fn child() -> Self {
        let program = path();
        symlink(extractor().program, &program).unwrap();
        Self(Extractor::new(program))
    }

    /// Another program in the child's place, which misbehaves in this way.
    pub fn played(way: &str) -> Self {
        let program = path().with_extension(way);
        symlink(concat!(env!("CARGO_MANIFEST_DIR"), "/extraction/played.sh"), &program).unwrap();
        let mut extractor = Extractor::new(program);
        // What uses up its CPU time is given the time for it, on a busy machine, too.
        extractor.patience = Duration::from_millis(if way == "burning" { 60_000 } else { 500 });
        Self(extractor)
    }

    /// The folder in `/proc` of the child, if it runs.
    fn process(&self) -> Option<PathBuf> {
        let own = self.0.program.to_str().unwrap();
        let mut processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        processes.find(|process| {
            std::fs::read_to_string(process.join("cmdline")).is_ok_and(|line| line.contains(own))
        })
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0.program).unwrap();
    }
}

/// A connection that is lost.
struct Broken;

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::Error::other("lost")))
    }
}

fn path() -> PathBuf {
    std::env::temp_dir().join(format!("reader-{}", uuid::Uuid::new_v4().simple()))
}

/// Polls until there is something.
async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let give_up = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < give_up, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A limit of a process: soft and hard.
fn limit(process: &Path, name: &str) -> [String; 2] {
    let limits = std::fs::read_to_string(process.join("limits")).unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let mut words = line.split_whitespace().map(str::to_owned);
    [words.next().unwrap(), words.next().unwrap()]
}

#[tokio::test]
async fn a_child_has_limits_and_neither_environment_nor_files_of_ours() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let named = Named::child();
    let (mut end, document) = duplex(64);
    let extractor = named.0.clone();
    let reading = tokio::spawn(async move { extractor.read(BufReader::new(document)).await });
    let process = eventually("a child", || named.process()).await;
    // The last limit that it sets: it has read nothing yet.
    eventually("limits", || (limit(&process, "Max open files")[0] == "4").then_some(())).await;
    for (name, most) in [
        ("Max address space", "268435456"),
        ("Max file size", "0"),
        ("Max core file size", "0"),
        ("Max open files", "4"),
    ] {
        assert_eq!(limit(&process, name), [most, most], "{name}");
    }
    assert_eq!(limit(&process, "Max cpu time"), ["6", "7"], "the first is told, the second kills");
    assert_eq!(std::fs::read_to_string(process.join("environ")).unwrap(), "MALLOC_ARENA_MAX=1\0");
    let line = std::fs::read_to_string(process.join("cmdline")).unwrap();
    assert_eq!(line, format!("{}\0extract\0", named.0.program.display()));
    let open = std::fs::read_dir(process.join("fd"))
        .unwrap()
        .map(|fd| std::fs::read_link(fd.unwrap().path()).unwrap());
    assert!(
        open.into_iter().all(|file| !file.to_str().unwrap().starts_with("socket:")),
        "ours: {listener:?}"
    );
    end.write_all(b"Berth 42 is paid.").await.unwrap();
    drop(end);
    assert_eq!(reading.await.unwrap().unwrap().text, "Berth 42 is paid.");
    assert!(!process.exists(), "a child reads one document");
}

#[tokio::test]
async fn a_child_that_waits_for_the_next_document_takes_it_or_is_replaced_and_ends_with_its_owner() {
    let mut named = Named::child();
    let read = async || named.0.read(&b"Berth 42 is paid."[..]).await.unwrap().text;
    read().await;
    let waiting = eventually("the next child", || named.process()).await;
    assert_eq!(read().await, "Berth 42 is paid.");
    assert!(!waiting.exists(), "it was the one that read");
    let waiting = eventually("the next child", || named.process()).await;
    let pid = waiting.file_name().unwrap().to_str().unwrap();
    assert!(std::process::Command::new("kill").args(["-KILL", pid]).status().unwrap().success());
    eventually("its end", || named.process().is_none().then_some(())).await;
    assert_eq!(read().await, "Berth 42 is paid.", "a child that is gone reads nothing");
    eventually("the next child", || named.process()).await;
    named.0 = Extractor::new(named.0.program.clone());
    eventually("its end", || named.process().is_none().then_some(())).await;
}

#[tokio::test]
async fn a_document_that_does_not_end_is_the_sources_failure_and_the_child_ends() {
    let mut named = Named::child();
    named.0.patience = Duration::from_millis(500);
    let (mut end, document) = duplex(64);
    end.write_all(b"Berth 42").await.unwrap();
    let answer = named.0.read(BufReader::new(document)).await;
    assert!(matches!(answer, Err(Error::Source(_))), "{answer:?}");
    assert_eq!(named.process(), None);
}

#[tokio::test]
async fn a_document_that_breaks_off_is_never_taken_for_a_whole_one() {
    let document = BufReader::new((&b"Berth 42 is paid."[..]).chain(Broken));
    let answer = extractor().read(document).await;
    assert!(matches!(answer, Err(Error::Source(_))), "{answer:?}");
}

#[tokio::test]
async fn whatever_a_child_does_it_ends_in_time() {
    for (way, failure) in [
        ("deaf", "Slow"),
        ("silent", "Slow"),
        ("talkative", "Crashed"),
        ("babbling", "Crashed"),
        ("breaking-off", "Crashed"),
        ("crashing", "Crashed"),
        ("leaving", "Crashed"),
        ("burning", "Exhausted"),
    ] {
        let named = Named::played(way);
        let answer = named.0.read(&b"Berth 42"[..]).await;
        let answer = format!("{:?}", answer.unwrap_err());
        assert_eq!(answer, failure, "{way}");
        assert_eq!(named.process(), None, "{way}");
    }
}

#[tokio::test]
async fn a_child_that_gets_no_time_is_told_from_one_that_uses_up_its_own() {
    let mut named = Named::child();
    named.0.patience = Duration::from_secs(2);
    let (mut end, document) = duplex(64);
    let extractor = named.0.clone();
    let reading = tokio::spawn(async move { extractor.read(BufReader::new(document)).await });
    let process = eventually("a child", || named.process()).await;
    let pid = process.file_name().unwrap().to_str().unwrap();
    assert!(std::process::Command::new("kill").args(["-STOP", pid]).status().unwrap().success());
    end.write_all(b"Berth 42 is paid.").await.unwrap();
    drop(end);
    let answer = reading.await.unwrap();
    assert!(matches!(answer, Err(Error::Slow)), "{answer:?}");
    // A file of 849 bytes, on a machine as busy as it may be.
    named.0.patience = Duration::from_secs(60);
    let answer = named.0.read(&portable::endless()[..]).await;
    assert!(matches!(answer, Err(Error::Exhausted)), "{answer:?}");
}

#[tokio::test]
async fn a_reading_that_is_given_up_takes_its_child_along() {
    // One that would not end by itself when its input does.
    let mut named = Named::played("deaf");
    named.0.patience = Duration::from_secs(60);
    let (_end, document) = duplex(64);
    let extractor = named.0.clone();
    let reading = tokio::spawn(async move { extractor.read(BufReader::new(document)).await });
    eventually("a child", || named.process()).await;
    reading.abort();
    eventually("its end", || named.process().is_none().then_some(())).await;
}

#[tokio::test]
async fn a_program_that_is_not_there_is_our_trouble_and_not_the_documents() {
    let answer = Extractor::new("/nowhere/classify".into()).read(&b"Berth 42"[..]).await;
    assert!(matches!(answer, Err(Error::Start(_))), "{answer:?}");
}

#[tokio::test]
async fn a_picture_is_told_by_its_beginning() {
    // More than passes through a pipe, and it never ends: the child has seen enough and closes.
    let picture = crate::corpus::file("receipt.png");
    let endless = (&picture[..]).chain(tokio::io::repeat(7));
    let found = extractor().read(BufReader::new(endless)).await.unwrap();
    assert_eq!(found.no_text, Some(NoText::Image));
}
