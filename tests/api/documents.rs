use serde_json::{Value, json};
use tests::{Client, TestVault};

const URL: &str = "/api/documents";

/// Returns the filenames of a list, in its order.
async fn list_filenames(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("{URL}{query}")).await.expect(200);
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["filename"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_new_user_has_no_documents() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    assert_eq!(alice.get(URL).await.expect(200), json!({"items": [], "next_cursor": null}));
}

#[tokio::test]
async fn a_document_looks_the_same_alone_and_in_a_list() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let topic = uuid::Uuid::now_v7();
    vault.tamper(&format!("insert into topics (id, name) values ('{topic}', 'Hello')")).await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    vault.classify(&[vault.put_notification(upload.document_id).await]).await;
    let shown = alice.get(&format!("{URL}/{}", upload.document_id)).await.expect(200);
    let list = alice.get(URL).await.expect(200);
    assert_eq!(list, json!({"items": [shown], "next_cursor": null}));
    let row = vault.row(upload.document_id).await;
    let expected = json!({
        "id": upload.document_id, "filename": "a.txt", "content_type": "text/plain", "size_bytes": 5,
        "sha256": null, "status": "classified", "failure": null,
        "topics": [{"id": topic, "name": "Hello", "system": true, "manual": false, "confidence": 1}],
        "classification": {
            "provider": "builtin", "model": "builtin", "prompt_version": "builtin-2", "truncated": false, "without_text": null,
            "unread_format": null, "pages": null, "pages_without_text": null, "images_sent": 0,
            "classified_at": shown["classification"]["classified_at"],
        },
        "created_at": shown["created_at"], "confirmed_at": shown["confirmed_at"],
    });
    assert_eq!(shown, expected);
    for (time, column) in [
        (&shown["created_at"], "created_at"),
        (&shown["confirmed_at"], "confirmed_at"),
        (&shown["classification"]["classified_at"], "classified_at"),
    ] {
        let (time, stored) = (time.as_str().unwrap(), row[column].as_str().unwrap());
        let parse = |text: &str| {
            time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).unwrap()
        };
        assert!(time.ends_with('Z') && parse(time) == parse(stored), "{column}: {time}, {stored}");
    }
}

#[tokio::test]
async fn a_failed_classification_is_shown_with_its_reason() {
    let mut vault = TestVault::new().await;
    vault.classification.provider = "oracle".into();
    vault.classification.max_attempts = 1;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    vault.classify(&[vault.put_notification(upload.document_id).await]).await;
    let shown = alice.get(&format!("{URL}/{}", upload.document_id)).await.expect(200);
    assert_eq!(shown["status"], "classification_failed");
    assert_eq!(
        shown["failure"],
        json!({"code": "provider_unknown", "message": "there is no provider with this name (oracle)", "provider": null, "model": null, "images_sent": 0})
    );
    assert_eq!(shown["classification"], Value::Null);
}

#[tokio::test]
async fn lists_show_the_newest_first_and_pending_uploads_only_with_that_status() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("1.txt", b"").await;
    alice.store_pending("2.txt", b"").await;
    alice.store_confirmed("3.txt", b"").await;
    let classified = alice.store_confirmed("4.txt", b"").await;
    vault.classify(&[vault.put_notification(classified.document_id).await]).await;
    assert_eq!(list_filenames(&alice, "").await, ["4.txt", "3.txt", "1.txt"]);
    assert_eq!(list_filenames(&alice, "?status=pending").await, ["2.txt"]);
    assert_eq!(list_filenames(&alice, "?status=uploaded").await, ["3.txt", "1.txt"]);
    assert_eq!(list_filenames(&alice, "?status=classified").await, ["4.txt"]);
    assert_eq!(list_filenames(&alice, "?status=classification_failed").await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_list_can_be_filtered_by_part_of_the_filename_in_any_case() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for name in ["Invoice 7.pdf", "Übersicht.txt", "50%_off.txt", "notes.txt"] {
        alice.store_confirmed(name, b"").await;
    }
    assert_eq!(list_filenames(&alice, "?q=INVOICE").await, ["Invoice 7.pdf"]);
    assert_eq!(list_filenames(&alice, "?q=%C3%BCBERS").await, ["Übersicht.txt"]);
    assert_eq!(list_filenames(&alice, "?q=%25").await, ["50%_off.txt"], "a wildcard is a character");
    assert_eq!(list_filenames(&alice, "?q=_").await, ["50%_off.txt"], "a wildcard is a character");
    assert_eq!(list_filenames(&alice, "?q=.txt&status=uploaded").await.len(), 3);
    assert_eq!(list_filenames(&alice, "?q=nothing").await, [] as [&str; 0]);
    assert_eq!(list_filenames(&alice, "?q=").await.len(), 4);
}

#[tokio::test]
async fn a_list_can_be_filtered_by_topic() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let topic = uuid::Uuid::now_v7();
    vault.tamper(&format!("insert into topics (id, name) values ('{topic}', 'Invoice')")).await;
    for (name, bytes) in [("a.txt", "an invoice"), ("b.txt", "a letter"), ("c.txt", "Invoice!")] {
        let upload = alice.store_confirmed(name, bytes.as_bytes()).await;
        vault.classify(&[vault.put_notification(upload.document_id).await]).await;
    }
    assert_eq!(list_filenames(&alice, &format!("?topic={topic}")).await, ["c.txt", "a.txt"]);
    assert_eq!(list_filenames(&alice, &format!("?topic={topic}&q=A")).await, ["a.txt"]);
    assert_eq!(list_filenames(&alice, &format!("?topic={}", uuid::Uuid::now_v7())).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_short_part_of_a_filename_finds_an_old_document() {
    let vault = TestVault::new().await;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let oldest = alice.store_confirmed("請求書 7.pdf", b"").await.document_id;
    bob.store_confirmed("請求書 8.pdf", b"").await;
    for n in 0..3 {
        alice.store_confirmed(&format!("notes {n}.txt"), b"").await;
    }
    // More documents than the search reads one by one before it uses the index.
    let statement = "insert into documents (id, user_id, filename, filename_key, filename_grams, content_type, size_bytes, object_key,
            status, url_expires_at, confirmed_at)
        select gen_random_uuid(), d.user_id, d.filename, d.filename_key, d.filename_grams, d.content_type, 0, d.object_key || n,
            d.status, d.url_expires_at, d.confirmed_at
        from documents d, generate_series(1, 9000) n where d.filename = 'notes 0.txt'";
    vault.tamper(statement).await;
    vault
        .tamper(&format!(
            "update documents set created_at = created_at - interval '1 day' where id = '{oldest}'"
        ))
        .await;
    let found = async |query: &[(&str, &str)]| {
        let url = reqwest::Url::parse_with_params("http://vault/", query).unwrap();
        list_filenames(&alice, &format!("?{}", url.query().unwrap())).await
    };
    for part in ["書", "請求", "求書 7", "請求書 7.pdf", ".pdf", "PD"] {
        assert_eq!(found(&[("q", part)]).await, ["請求書 7.pdf"], "{part}");
        assert_eq!(found(&[("q", part), ("status", "uploaded")]).await, ["請求書 7.pdf"], "{part}");
    }
    for part in ["8.pdf", "書7", "note."] {
        assert_eq!(found(&[("q", part)]).await, [] as [&str; 0], "{part}");
    }
    assert_eq!(list_filenames(&alice, "?q=notes&limit=100").await.len(), 100);
    alice.store_pending("請求書 9.pdf", b"").await;
    assert_eq!(found(&[("q", "請"), ("status", "pending")]).await, ["請求書 9.pdf"]);
}
