use serde_json::json;
use tests::{Client, TestVault, Upload};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::assert_problem;

async fn store_with_type(client: &Client, filename: &str, content_type: &str, bytes: &[u8]) -> Upload {
    let upload = client.begin_upload(json!({"filename": filename, "content_type": content_type})).await;
    assert_eq!(upload.put(bytes).await, 200);
    client.confirm(upload.document_id).await.expect(200);
    upload
}

async fn download_url(client: &Client, upload: &Upload) -> String {
    let answer = client.get(&format!("/api/documents/{}/download", upload.document_id)).await.expect(200);
    answer["download_url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_download_returns_the_uploaded_bytes() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let upload = store_with_type(&alice, "a.bin", "application/octet-stream", &bytes).await;
    let fetched = reqwest::get(download_url(&alice, &upload).await).await.unwrap();
    assert_eq!(fetched.status(), 200);
    assert_eq!(fetched.headers()["cache-control"], "private, no-store");
    assert_eq!(fetched.bytes().await.unwrap(), bytes);
}

#[tokio::test]
async fn a_download_url_lives_five_minutes() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
    let asked = OffsetDateTime::now_utc();
    let answer = alice.get(&format!("/api/documents/{}/download", upload.document_id)).await.expect(200);
    assert_eq!(answer.as_object().unwrap().len(), 2, "{answer}");
    assert!(answer["download_url"].as_str().unwrap().contains("X-Amz-Expires=300"), "{answer}");
    let expires_at = OffsetDateTime::parse(answer["expires_at"].as_str().unwrap(), &Rfc3339).unwrap();
    assert!((290..=310).contains(&(expires_at - asked).whole_seconds()), "{expires_at}");
}

#[tokio::test]
async fn a_browser_saves_the_file_under_its_name() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for (filename, header) in [
        ("a.txt", "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt"),
        ("a \"b\".txt", "attachment; filename=\"a _b_.txt\"; filename*=UTF-8''a%20%22b%22.txt"),
        ("../x", "attachment; filename=\".._x\"; filename*=UTF-8''..%2Fx"),
        ("ü💾.txt", "attachment; filename=\"__.txt\"; filename*=UTF-8''%C3%BC%F0%9F%92%BE.txt"),
        ("gpj.\u{202e}exe", "attachment; filename=\"gpj.exe\"; filename*=UTF-8''gpj.exe"),
        ("a;b=c&d#e?f", "attachment; filename=\"a;b=c&d#e?f\"; filename*=UTF-8''a%3Bb%3Dc&d#e%3Ff"),
    ] {
        let upload = alice.store_confirmed(filename, b"hello").await;
        let fetched = reqwest::get(download_url(&alice, &upload).await).await.unwrap();
        assert_eq!(fetched.headers()["content-disposition"], header, "{filename}");
    }
}

#[tokio::test]
async fn types_that_a_browser_could_run_are_served_as_octet_stream() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for (declared, served) in [
        ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
        ("application/pdf", "application/pdf"),
        ("text/html", "application/octet-stream"),
        ("Text/HTML; charset=utf-8", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/xhtml+xml", "application/octet-stream"),
        ("text/javascript", "application/octet-stream"),
    ] {
        let upload = store_with_type(&alice, "a", declared, b"<script>alert(1)</script>").await;
        let fetched = reqwest::get(download_url(&alice, &upload).await).await.unwrap();
        assert_eq!(fetched.headers()["content-type"], served, "{declared}");
    }
}

#[tokio::test]
async fn a_pending_upload_cannot_be_downloaded() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_pending("a.txt", b"hello").await;
    let path = format!("/api/documents/{}/download", upload.document_id);
    assert_problem(alice.get(&path).await, 404, "not_found");
    alice.confirm(upload.document_id).await.expect(200);
    alice.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_download_url_reads_one_object_and_does_nothing_else() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let (first, second) =
        (alice.store_confirmed("a.txt", b"hello").await, alice.store_confirmed("b.txt", b"you").await);
    let url = download_url(&alice, &first).await;
    let other = url.replace(&first.key(), &second.key());
    assert_ne!(url, other);
    assert_eq!(reqwest::get(other).await.unwrap().status(), 403);
    let client = reqwest::Client::new();
    assert_eq!(client.delete(&url).send().await.unwrap().status(), 403);
    assert_eq!(client.put(&url).body("other").send().await.unwrap().status(), 403);
    assert_eq!(reqwest::get(url).await.unwrap().text().await.unwrap(), "hello");
}
