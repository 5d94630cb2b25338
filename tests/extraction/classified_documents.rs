//! Uploads of files that are classified by their text, or by their name if they have no text.

use lambda_runtime::Context;
use serde_json::{Value, json};
use tests::{Client, TestVault, Upload};

use crate::corpus::read_file;
use crate::named_extractor::NamedExtractor;

const NONE: [usize; 0] = [];

/// Creates a vault with these system topics, and a user.
pub async fn vault_with_topics(topics: &[&str]) -> (TestVault, Client) {
    let vault = TestVault::new().await;
    for topic in topics {
        vault
            .tamper(&format!(
                "insert into topics (id, user_id, name) values (gen_random_uuid(), null, '{topic}')"
            ))
            .await;
    }
    let alice = vault.create_user().await;
    (vault, alice)
}

/// Returns the names of the topics of a classified document.
pub async fn read_topics(client: &Client, upload: &Upload) -> Vec<Value> {
    let mut document = client.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    assert_eq!(document["status"], "classified");
    document["topics"].as_array_mut().unwrap().iter_mut().map(|topic| topic["name"].take()).collect()
}

/// Returns why the document was classified without text, as the API shows it.
async fn read_without_text(client: &Client, upload: &Upload) -> Value {
    let mut document = client.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    document["classification"]["without_text"].take()
}

#[tokio::test]
async fn pdf_docx_odt_and_e_mail_files_are_classified_by_their_text() {
    let (vault, alice) = vault_with_topics(&["Mooring", "Apfelbäume", "Музей", "Tax"]).await;
    // All of them are declared as plain text. The content decides the format.
    for (name, file_of, topic) in [
        ("a", "english-reportlab.pdf", "Mooring"),
        ("b.txt", "english.docx", "Mooring"),
        ("c.pdf", "german-libreoffice.odt", "Apfelbäume"),
        ("d.png", "russian-attachment.eml", "Музей"),
    ] {
        let upload = alice.store_confirmed(name, &read_file(file_of)).await;
        assert_eq!(vault.classify(&[vault.put_notification(upload.document_id).await]).await, NONE);
        assert_eq!(read_topics(&alice, &upload).await, [json!(topic)], "{file_of}");
    }
}

#[tokio::test]
async fn a_file_without_text_is_classified_by_its_name() {
    let (vault, alice) = vault_with_topics(&["Receipt", "Berth"]).await;
    for (file_of, reason) in [
        ("receipt.png", "image"),
        ("scan.pdf", "no_text"),
        ("encrypted-aes.pdf", "encrypted"),
        ("encrypted.odt", "encrypted"),
        ("unknown.bin", "unknown_format"),
        ("empty.txt", "no_text"),
    ] {
        let upload = alice.store_confirmed("receipt of june", &read_file(file_of)).await;
        assert_eq!(vault.classify(&[vault.put_notification(upload.document_id).await]).await, NONE);
        assert_eq!(read_topics(&alice, &upload).await, [json!("Receipt")], "{file_of}");
        assert_eq!(read_without_text(&alice, &upload).await, reason, "{file_of}");
    }
}

#[tokio::test]
async fn a_file_above_the_size_limit_is_classified_by_its_name() {
    let (mut vault, alice) = vault_with_topics(&["Receipt", "Mooring"]).await;
    let bytes = read_file("english.docx");
    vault.classification.max_bytes = bytes.len() as u64 - 1;
    let upload = alice.store_confirmed("receipt", &bytes).await;
    assert_eq!(vault.classify(&[vault.put_notification(upload.document_id).await]).await, NONE);
    assert_eq!(read_topics(&alice, &upload).await, [json!("Receipt")]);
    assert_eq!(read_without_text(&alice, &upload).await, "too_large");
    let document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    assert_eq!(
        document["classification"]["truncated"], true,
        "the text was left out, so that truncated is true"
    );
    vault.classification.max_bytes += 1;
    let upload = alice.store_confirmed("receipt", &bytes).await;
    assert_eq!(vault.classify(&[vault.put_notification(upload.document_id).await]).await, NONE);
    let mut found = read_topics(&alice, &upload).await;
    found.sort_unstable_by_key(ToString::to_string);
    assert_eq!(found, [json!("Mooring"), json!("Receipt")]);
}

#[tokio::test]
async fn a_file_above_the_size_limit_is_not_downloaded() {
    let (mut vault, alice) = vault_with_topics(&["Receipt"]).await;
    vault.classification.max_bytes = 1024;
    let upload = alice.store_confirmed("receipt", &vec![b'x'; 48 * 1024 * 1024]).await;
    let event = [vault.put_notification(upload.document_id).await];
    let (proxy, services) = vault.proxy_store().await;
    assert_eq!(vault.classify_with(services, Context::default(), &event).await, NONE);
    assert_eq!(read_without_text(&alice, &upload).await, "too_large");
    // Socket buffers hold some bytes by the time that the connection is closed.
    assert!(proxy.answered_bytes() < 24 * 1024 * 1024, "{} bytes", proxy.answered_bytes());
}

#[tokio::test]
async fn an_unreadable_document_ends_with_a_reason_and_the_next_one_is_classified() {
    let (vault, alice) = vault_with_topics(&["Mooring"]).await;
    let mut cut = read_file("english.docx");
    cut.truncate(1500);
    let bad = alice.store_confirmed("a", &[b"%PDF-1.7\n".as_slice(), &[0; 100]].concat()).await;
    let worse = alice.store_confirmed("b", &cut).await;
    let good = alice.store_confirmed("c", &read_file("english.docx")).await;
    let mut bodies = Vec::new();
    for upload in [&bad, &worse, &good] {
        bodies.push(vault.put_notification(upload.document_id).await);
    }
    assert_eq!(vault.classify(&bodies).await, NONE);
    for upload in [&bad, &worse] {
        let columns = vault.columns(upload.document_id, &["status", "failure_code", "attempts"]).await;
        assert_eq!(columns, [json!("classification_failed"), json!("document_damaged"), json!(1)]);
    }
    assert_eq!(read_topics(&alice, &good).await, [json!("Mooring")]);
}

#[tokio::test]
async fn a_document_whose_child_dies_ends_with_a_reason() {
    let (mut vault, alice) = vault_with_topics(&[]).await;
    for (way, code) in [
        ("leaving", "document_unreadable"),
        ("crashing", "document_unreadable"),
        ("burning", "document_too_complex"),
    ] {
        let child = NamedExtractor::misbehaving(way);
        vault.extractor = child.0.clone();
        let upload = alice.store_confirmed("a", b"hello").await;
        assert_eq!(vault.classify(&[vault.put_notification(upload.document_id).await]).await, NONE);
        assert_eq!(
            vault.columns(upload.document_id, &["status", "failure_code", "attempts"]).await,
            [json!("classification_failed"), json!(code), json!(1)],
            "{way}"
        );
    }
}

#[tokio::test]
async fn an_html_page_whose_text_comes_too_late_is_marked_as_truncated() {
    let (vault, alice) = vault_with_topics(&["Receipt"]).await;
    let late = format!("<!doctype html><style>{}</style><p>Berth 42", "p{}\n".repeat(2_125_000));
    for (bytes, reason, truncated) in [
        (late.as_bytes(), json!("no_text"), true),
        (b"<!doctype html><style>p{}</style>", json!("no_text"), false),
        (b"hello", Value::Null, false),
    ] {
        let upload = alice.store_confirmed("receipt", bytes).await;
        assert_eq!(vault.classify(&[vault.put_notification(upload.document_id).await]).await, NONE);
        let mut document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
        let classification = document["classification"].take();
        assert_eq!(
            (&classification["without_text"], &classification["truncated"]),
            (&reason, &json!(truncated))
        );
    }
}
