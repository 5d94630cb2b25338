//! From the upload to the topics, by what stands in the files alone.

use lambda_runtime::Context;
use serde_json::{Value, json};
use tests::{Client, TestVault, Upload};

use crate::child::Named;
use crate::corpus::file;

const NONE: [usize; 0] = [];

/// A vault with these system topics, and a user.
async fn vault(topics: &[&str]) -> (TestVault, Client) {
    let vault = TestVault::new().await;
    for topic in topics {
        vault
            .tamper(&format!(
                "insert into topics (id, user_id, name) values (gen_random_uuid(), null, '{topic}')"
            ))
            .await;
    }
    let alice = vault.user().await;
    (vault, alice)
}

async fn topics(client: &Client, upload: &Upload) -> Vec<Value> {
    let mut document = client.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    assert_eq!(document["status"], "classified");
    document["topics"].as_array_mut().unwrap().iter_mut().map(|topic| topic["name"].take()).collect()
}

/// Why the document was classified by its name, as its owner sees it.
async fn without_text(client: &Client, upload: &Upload) -> Value {
    let mut document = client.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    document["classification"]["without_text"].take()
}

#[tokio::test]
async fn a_pdf_a_docx_and_a_letter_have_the_topics_of_their_words() {
    let (vault, alice) = vault(&["Mooring", "Apfelbäume", "Музей", "Tax"]).await;
    // Declared as plain text, all of them: the content decides.
    for (name, file_of, topic) in [
        ("a", "english-reportlab.pdf", "Mooring"),
        ("b.txt", "english.docx", "Mooring"),
        ("c.pdf", "german-libreoffice.odt", "Apfelbäume"),
        ("d.png", "russian-attachment.eml", "Музей"),
    ] {
        let upload = alice.keep(name, &file(file_of)).await;
        assert_eq!(vault.classify(&[vault.put_event(upload.document_id).await]).await, NONE);
        assert_eq!(topics(&alice, &upload).await, [json!(topic)], "{file_of}");
    }
}

#[tokio::test]
async fn what_has_no_text_is_classified_by_its_name() {
    let (vault, alice) = vault(&["Receipt", "Berth"]).await;
    for (file_of, reason) in [
        ("receipt.png", "image"),
        ("scan.pdf", "no_text"),
        ("encrypted-aes.pdf", "encrypted"),
        ("encrypted.odt", "encrypted"),
        ("unknown.bin", "unknown_format"),
        ("empty.txt", "no_text"),
    ] {
        let upload = alice.keep("receipt of june", &file(file_of)).await;
        assert_eq!(vault.classify(&[vault.put_event(upload.document_id).await]).await, NONE);
        assert_eq!(topics(&alice, &upload).await, [json!("Receipt")], "{file_of}");
        assert_eq!(without_text(&alice, &upload).await, reason, "{file_of}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_classified_by_its_name_and_not_fetched() {
    let (mut vault, alice) = vault(&["Receipt", "Mooring"]).await;
    let bytes = file("english.docx");
    vault.classification.max_bytes = bytes.len() as u64 - 1;
    let upload = alice.keep("receipt", &bytes).await;
    assert_eq!(vault.classify(&[vault.put_event(upload.document_id).await]).await, NONE);
    assert_eq!(topics(&alice, &upload).await, [json!("Receipt")]);
    assert_eq!(without_text(&alice, &upload).await, "too_large");
    let document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    assert_eq!(document["classification"]["truncated"], true, "what was cut says so, all of it, too");
    vault.classification.max_bytes += 1;
    let upload = alice.keep("receipt", &bytes).await;
    assert_eq!(vault.classify(&[vault.put_event(upload.document_id).await]).await, NONE);
    let mut found = topics(&alice, &upload).await;
    found.sort_unstable_by_key(ToString::to_string);
    assert_eq!(found, [json!("Mooring"), json!("Receipt")]);
}

#[tokio::test]
async fn the_bytes_of_what_is_too_large_stay_where_they_are() {
    let (mut vault, alice) = vault(&["Receipt"]).await;
    vault.classification.max_bytes = 1024;
    let upload = alice.keep("receipt", &vec![b'x'; 48 * 1024 * 1024]).await;
    let event = [vault.put_event(upload.document_id).await];
    let (proxy, parts) = vault.store_by_proxy().await;
    assert_eq!(vault.classify_by(parts, Context::default(), &event).await, NONE);
    assert_eq!(without_text(&alice, &upload).await, "too_large");
    // What the system has in its buffers by the time that the connection is closed.
    assert!(proxy.answered() < 24 * 1024 * 1024, "{} bytes", proxy.answered());
}

#[tokio::test]
async fn a_document_that_can_not_be_read_ends_with_a_reason_and_the_next_is_done() {
    let (vault, alice) = vault(&["Mooring"]).await;
    let mut cut = file("english.docx");
    cut.truncate(cut.len() / 2);
    let bad = alice.keep("a", &[b"%PDF-1.7\n".as_slice(), &[0; 100]].concat()).await;
    let worse = alice.keep("b", &tests::hostile::bombs::inflating_docx()).await;
    let good = alice.keep("c", &file("english.docx")).await;
    let mut bodies = Vec::new();
    for upload in [&bad, &worse, &good] {
        bodies.push(vault.put_event(upload.document_id).await);
    }
    assert_eq!(vault.classify(&bodies).await, NONE);
    for (upload, codes) in
        [(&bad, ["document_damaged"; 2]), (&worse, ["document_damaged", "document_unreadable"])]
    {
        let [status, code, attempts] = vault
            .columns(upload.document_id, &["status", "failure_code", "attempts"])
            .await
            .try_into()
            .unwrap();
        assert_eq!((status, attempts), (json!("classification_failed"), json!(1)));
        assert!(codes.contains(&code.as_str().unwrap()), "{code}");
    }
    assert_eq!(topics(&alice, &good).await, [json!("Mooring")]);
}

#[tokio::test]
async fn a_document_that_its_child_dies_of_ends_with_that_reason() {
    let (mut vault, alice) = vault(&[]).await;
    for (way, code) in [
        ("leaving", "document_unreadable"),
        ("crashing", "document_unreadable"),
        ("burning", "document_too_complex"),
    ] {
        let child = Named::played(way);
        vault.extractor = child.0.clone();
        let upload = alice.keep("a", b"hello").await;
        assert_eq!(vault.classify(&[vault.put_event(upload.document_id).await]).await, NONE);
        assert_eq!(
            vault.columns(upload.document_id, &["status", "failure_code", "attempts"]).await,
            [json!("classification_failed"), json!(code), json!(1)],
            "{way}"
        );
    }
}

#[tokio::test]
async fn a_document_whose_child_gets_no_time_is_left_for_later() {
    let (mut vault, alice) = vault(&["Mooring"]).await;
    let upload = alice.keep("a", &file("english.docx")).await;
    let event = [vault.put_event(upload.document_id).await];
    let child = Named::played("silent");
    let able = std::mem::replace(&mut vault.extractor, child.0.clone());
    assert_eq!(vault.classify(&event).await, [0]);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("uploaded"), json!(1)]
    );
    vault.extractor = able;
    vault.age_minutes(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(topics(&alice, &upload).await, [json!("Mooring")]);
}

#[tokio::test]
async fn a_document_that_always_gets_no_time_ends_with_its_attempts() {
    let (mut vault, alice) = vault(&[]).await;
    vault.classification.max_attempts = 1;
    let child = Named::played("silent");
    vault.extractor = child.0.clone();
    let upload = alice.keep("a", b"hello").await;
    assert_eq!(vault.classify(&[vault.put_event(upload.document_id).await]).await, NONE);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "failure_code"]).await,
        [json!("classification_failed"), json!("extraction_slow")]
    );
}

#[tokio::test]
async fn a_page_whose_text_comes_too_late_is_told_as_cut() {
    let (vault, alice) = vault(&["Receipt"]).await;
    let late = format!("<!doctype html><style>{}</style><p>Berth 42", "p{}\n".repeat(2_125_000));
    for (bytes, reason, truncated) in [
        (late.as_bytes(), json!("no_text"), true),
        (b"<!doctype html><style>p{}</style>", json!("no_text"), false),
        (b"hello", Value::Null, false),
    ] {
        let upload = alice.keep("receipt", bytes).await;
        assert_eq!(vault.classify(&[vault.put_event(upload.document_id).await]).await, NONE);
        let mut document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
        let classification = document["classification"].take();
        assert_eq!(
            (&classification["without_text"], &classification["truncated"]),
            (&reason, &json!(truncated))
        );
    }
}

#[tokio::test]
async fn a_document_that_does_not_arrive_in_time_is_left_for_later() {
    let (mut vault, alice) = vault(&[]).await;
    let upload = alice.keep("a", &vec![b'x'; 8 * 1024 * 1024]).await;
    let event = [vault.put_event(upload.document_id).await];
    let patience = std::mem::take(&mut vault.extractor.patience);
    assert_eq!(vault.classify(&event).await, [0]);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("uploaded"), json!(1)]
    );
    vault.extractor.patience = patience;
    vault.age_minutes(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("classified"), json!(2)]
    );
}

#[tokio::test]
async fn a_child_that_can_not_be_started_leaves_the_document_for_later() {
    let (mut vault, alice) = vault(&["Mooring"]).await;
    let upload = alice.keep("a", &file("english.docx")).await;
    let event = [vault.put_event(upload.document_id).await];
    let able = std::mem::replace(&mut vault.extractor.program, "/nowhere".into());
    assert_eq!(vault.classify(&event).await, [0]);
    assert_eq!(
        vault.columns(upload.document_id, &["status", "attempts"]).await,
        [json!("uploaded"), json!(1)]
    );
    vault.extractor.program = able;
    vault.age_minutes(1).await;
    assert_eq!(vault.classify(&event).await, NONE);
    assert_eq!(topics(&alice, &upload).await, [json!("Mooring")]);
}
