//! The child can do nothing but read its document, use memory and time, and answer.

use std::net::TcpListener;

use extract::{Extractor, Format, NoText};
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
        "execute-memory".to_owned(),
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

#[test]
fn the_kernel_of_the_tests_takes_the_filter() {
    extract::confinement::check().unwrap();
}
