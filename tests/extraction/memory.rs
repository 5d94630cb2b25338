//! The function's own memory: whatever passes through it, little stays.

use serde_json::json;
use tests::TestVault;
use tests::hostile::bombs;
use tests::runtime::Sandbox;

use crate::corpus;

/// The most that a process has ever held, in MiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

#[tokio::test]
async fn a_function_that_passes_large_and_hostile_documents_on_stays_small() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let small = alice.keep("a", &corpus::file("english.docx")).await;
    let mut text = b"Berth 42 is paid.\n".to_vec();
    text.resize(48 * 1024 * 1024, b'x');
    let large = alice.keep("b", &text).await;
    let bomb = alice.keep("c", &bombs::inflating_docx()).await;
    let mut function = Sandbox::start("classify", &vault.variables()).await;
    let mut peaks = Vec::new();
    for upload in [&small, &large, &bomb] {
        let record = json!({"messageId": "a", "body": vault.put_event(upload.document_id).await});
        let answer = function.invoke(&json!({"Records": [record]}).to_string()).await.unwrap();
        assert_eq!(answer, json!({"batchItemFailures": []}));
        peaks.push(peak(function.id()));
    }
    let statuses = [&small, &large, &bomb].map(|upload| vault.columns(upload.document_id, &["status"]));
    let [small, large, bomb] = statuses;
    assert_eq!(
        [small.await, large.await, bomb.await],
        [[json!("classified")], [json!("classified")], [json!("classification_failed")]]
    );
    assert!(peaks[2] <= peaks[0] + 16 && peaks[2] <= 64, "{peaks:?} MiB");
}
