//! The child can do nothing but read its document, use memory and time, and answer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use extract::{Error, Extractor, Format, NoText};
use tests::extractor;

use crate::child_process::wait_for;
use crate::named_extractor::NamedExtractor;

/// Has a child that is prepared like the real one do this. Returns how it ended.
async fn obey(order: &str) -> String {
    let misbehaving = Extractor::new(env!("CARGO_BIN_EXE_misbehaving-reader").into());
    misbehaving.read(order.as_bytes()).await.unwrap().text
}

#[tokio::test]
async fn a_child_that_is_taken_over_reaches_no_file_no_network_and_no_process() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let present = tempfile_path();
    std::fs::write(&present, "Berth 42").unwrap();
    let own = std::process::id();
    for order in [
        format!("open {present}"),
        "open /proc/self/environ".to_owned(),
        format!("open /proc/{own}/maps"),
        format!("create {present}"),
        format!("create {present}-new"),
        format!("delete {present}"),
        "list /".to_owned(),
        "change-folder /tmp".to_owned(),
        format!("connect {}", listener.local_addr().unwrap()),
        "datagram 127.0.0.1:0".to_owned(),
        "local-socket /run/none".to_owned(),
        "run /bin/true".to_owned(),
        format!("signal {own}"),
        "raise-limit".to_owned(),
        "make-executable".to_owned(),
        "map-executable".to_owned(),
    ] {
        assert_eq!(obey(&order).await, "Operation not permitted (os error 1)", "{order}");
    }
    assert_eq!(std::fs::read(&present).unwrap(), b"Berth 42");
    std::fs::remove_file(&present).unwrap();
}

fn tempfile_path() -> String {
    std::env::temp_dir()
        .join(format!("confined-{}", uuid::Uuid::new_v4().simple()))
        .to_str()
        .unwrap()
        .to_owned()
}

/// A program that cannot be started does not show this: the new process could exist, and be refused its
/// program.
#[test]
fn a_child_that_is_taken_over_starts_no_process() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_misbehaving-reader"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut document = child.stdin.take().unwrap();
    writeln!(document, "run /bin/true").unwrap();
    let mut answer = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut answer).unwrap();
    assert!(answer.contains("Operation not permitted"), "{answer}");
    // It cannot wait for processes either, so that one which had ended would still be listed.
    let tasks = std::fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
    for task in tasks {
        assert_eq!(std::fs::read_to_string(task.unwrap().path().join("children")).unwrap(), "");
    }
    drop(document);
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn a_confined_child_that_crashes_ends_at_once_and_not_by_its_cpu_time() {
    let misbehaving = Extractor::new(env!("CARGO_BIN_EXE_misbehaving-reader").into());
    for order in ["exhaust-memory", "overflow-stack", "abort"] {
        let failure = misbehaving.read(order.as_bytes()).await.unwrap_err();
        assert!(matches!(failure, Error::Crashed), "{order}: {failure}");
    }
}

#[tokio::test]
async fn a_confined_child_has_memory_time_and_threads() {
    for order in ["use-memory", "use-time"] {
        assert_eq!(obey(order).await, "done", "{order}");
    }
}

#[tokio::test]
async fn a_document_on_which_a_library_panics_is_damaged() {
    let misbehaving = Extractor::new(env!("CARGO_BIN_EXE_misbehaving-reader").into());
    for order in ["panic", "panic-on-thread"] {
        let found = misbehaving.read(order.as_bytes()).await.unwrap();
        assert_eq!((found.format, found.no_text), (Format::Unknown, Some(NoText::Damaged)), "{order}");
    }
}

#[tokio::test]
async fn the_child_of_production_is_filtered_before_its_document_arrives() {
    for draws in [false, true] {
        let mut named = NamedExtractor::new();
        named.0.draws = draws;
        named.0.read(&b"Berth 42 is paid."[..]).await.unwrap();
        let waiting = wait_for("the next child", || named.process()).await;
        wait_for("the filter", || {
            let status = std::fs::read_to_string(waiting.join("status")).unwrap();
            (status.contains("NoNewPrivs:\t1\n") && status.contains("Seccomp:\t2\n")).then_some(())
        })
        .await;
    }
    assert_eq!(extractor().read(&b"Berth 42"[..]).await.unwrap().text, "Berth 42");
}

#[tokio::test]
async fn whether_the_kernel_takes_the_filter_is_checked() {
    extract::confinement::check().unwrap();
    // The filter refuses another one, as the kernels of some containers do.
    let refused = obey("check-filter").await;
    assert!(refused.contains("Operation not permitted"), "{refused}");
}
