//! A document that could not be read for a reason of the machine or the network is tried again.

use serde_json::json;

use crate::classified_documents::{read_topics, vault_with_topics};
use crate::corpus::read_file;
use crate::named_extractor::NamedExtractor;

const NONE: [usize; 0] = [];

#[tokio::test]
async fn a_document_whose_child_gets_no_cpu_time_is_tried_again() {
    let (mut vault, alice) = vault_with_topics(&["Mooring"]).await;
    let upload = alice.store_confirmed("a", &read_file("english.docx")).await;
    let event = [vault.put_notification(upload.document_id).await];
    let child = NamedExtractor::misbehaving("silent");
    let working = std::mem::replace(&mut vault.extractor, child.0.clone());
    assert_eq!(vault.classify(&event).await, [0]);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("uploaded"), json!(1)]
    );
    vault.extractor = working;
    vault.age_minutes(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(read_topics(&alice, &upload).await, [json!("Mooring")]);
}

#[tokio::test]
async fn a_document_whose_child_never_gets_cpu_time_ends_after_its_last_attempt() {
    let (mut vault, alice) = vault_with_topics(&[]).await;
    vault.classification.max_attempts = 1;
    let child = NamedExtractor::misbehaving("silent");
    vault.extractor = child.0.clone();
    let upload = alice.store_confirmed("a", b"hello").await;
    assert_eq!(vault.classify(&[vault.put_notification(upload.document_id).await]).await, NONE);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "failure_code"]).await,
        [json!("classification_failed"), json!("extraction_slow")]
    );
}

#[tokio::test]
async fn a_document_that_does_not_arrive_in_time_is_tried_again() {
    let (mut vault, alice) = vault_with_topics(&[]).await;
    let upload = alice.store_confirmed("a", &vec![b'x'; 8 * 1024 * 1024]).await;
    let event = [vault.put_notification(upload.document_id).await];
    let timeout = std::mem::take(&mut vault.extractor.timeout);
    assert_eq!(vault.classify(&event).await, [0]);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("uploaded"), json!(1)]
    );
    vault.extractor.timeout = timeout;
    vault.age_minutes(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("classified"), json!(2)]
    );
}

#[tokio::test]
async fn a_document_whose_child_cannot_be_started_is_tried_again() {
    let (mut vault, alice) = vault_with_topics(&["Mooring"]).await;
    let upload = alice.store_confirmed("a", &read_file("english.docx")).await;
    let event = [vault.put_notification(upload.document_id).await];
    let working = std::mem::replace(&mut vault.extractor.program, "/nowhere".into());
    assert_eq!(vault.classify(&event).await, [0]);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("uploaded"), json!(1)]
    );
    vault.extractor.program = working;
    vault.age_minutes(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(read_topics(&alice, &upload).await, [json!("Mooring")]);
}
