//! The function itself passes documents on to children. Its own memory stays small, and it keeps running.

use serde_json::{Value, json};
use tests::hostile::inflating;
use tests::sandbox::Sandbox;
use tests::{TestVault, Upload};

use crate::{corpus, hostile_files};

/// Returns the peak resident memory of a process, in MiB.
fn peak_mib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Invokes the function with messages about these documents until no message fails. Returns status and
/// failure code of each document.
async fn classify(vault: &TestVault, function: &mut Sandbox, uploads: &[Upload]) -> Vec<[Value; 2]> {
    let mut records = Vec::new();
    for (number, upload) in uploads.iter().enumerate() {
        let body = vault.put_notification(upload.document_id).await;
        records.push(json!({"messageId": number.to_string(), "body": body}));
    }
    let event = json!({"Records": records}).to_string();
    while function.invoke(&event).await.unwrap() != json!({"batchItemFailures": []}) {
        // The number of attempts is limited, so that the loop ends.
        vault.age_minutes(16).await;
    }
    let mut ends = Vec::new();
    for upload in uploads {
        let columns = vault.columns(upload.document_id, &["status", "failure_code"]).await;
        ends.push(columns.try_into().unwrap());
    }
    ends
}

#[tokio::test]
async fn large_and_hostile_documents_do_not_increase_the_functions_memory() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut text = b"Berth 42 is paid.\n".to_vec();
    text.resize(48 * 1024 * 1024, b'x');
    let mut function = Sandbox::start("classify", &vault.variables()).await;
    let mut peaks = Vec::new();
    for (bytes, status) in [
        (corpus::read_file("english.docx"), "classified"),
        (text, "classified"),
        (inflating::inflating_docx(), "classified"),
    ] {
        let upload = alice.store_confirmed("a", &bytes).await;
        let ends = classify(&vault, &mut function, &[upload]).await;
        assert_eq!(ends[0][0], status, "{ends:?}");
        peaks.push(peak_mib(function.id()));
    }
    assert!(peaks[2] <= peaks[0] + 16 && peaks[2] <= 64, "{peaks:?} MiB");
}

#[tokio::test]
async fn a_function_classifies_or_fails_two_hundred_hostile_files_and_keeps_running() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let mut function = Sandbox::start("classify", &vault.variables()).await;
    let files =
        [hostile_files::damaged_files(), hostile_files::noise_files(), hostile_files::cut_files()].concat();
    let mut failed = 0;
    for batch in files.chunks(10) {
        let mut uploads = Vec::new();
        for (_, bytes) in batch {
            uploads.push(alice.store_confirmed("a", bytes).await);
        }
        let ends = classify(&vault, &mut function, &uploads).await;
        for ([status, reason], (name, _)) in ends.iter().zip(batch) {
            match status.as_str() {
                Some("classified") => assert!(reason.is_null(), "{name}: {reason}"),
                Some("classification_failed") => {
                    assert!(reason.as_str().unwrap().starts_with("document_"), "{name}: {reason}");
                    failed += 1;
                }
                _ => panic!("{name} is {status}"),
            }
        }
    }
    assert!(files.len() >= 200 && failed > 30, "{failed} of {}", files.len());
    let good = alice.store_confirmed("a", &corpus::read_file("english.docx")).await;
    assert_eq!(classify(&vault, &mut function, &[good]).await, [[json!("classified"), json!(null)]]);
    assert!(peak_mib(function.id()) <= 64, "{} MiB", peak_mib(function.id()));
}
