use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{Client, TestVault, promises};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::assert_problem;

const URL: &str = "/api/documents/upload-url";

fn declare_size(size_bytes: i64) -> Value {
    json!({"filename": "a.txt", "content_type": "text/plain", "size_bytes": size_bytes})
}

async fn begin_uploads(client: &Client, count: usize) {
    for _ in 0..count {
        client.begin_upload(json!({"filename": "a.txt", "content_type": "text/plain"})).await;
    }
}

#[tokio::test]
async fn an_upload_url_allows_one_put_of_one_object_for_15_minutes() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let asked = OffsetDateTime::now_utc();
    let body = json!({"filename": "Scan.PDF", "content_type": "application/pdf"});
    let mut answer = alice.post(URL, body).await.expect(201);
    let url = answer["upload_url"].take().as_str().unwrap().to_owned();
    let id = answer["document_id"].take().as_str().unwrap().to_owned();
    let expires_at = OffsetDateTime::parse(answer["expires_at"].take().as_str().unwrap(), &Rfc3339).unwrap();
    assert_eq!(
        answer,
        json!({
            "upload_url": null, "document_id": null, "method": "PUT", "expires_at": null,
            "headers": {"content-type": "application/pdf", "if-none-match": "*"},
        })
    );
    assert!((890..=910).contains(&(expires_at - asked).whole_seconds()), "{expires_at}");
    assert!(expires_at.offset().is_utc());
    let bucket = vault.bucket.config();
    let object = format!("{}/{}/{}/{id}/", bucket.public_endpoint.unwrap(), bucket.bucket, alice.id());
    assert!(url.starts_with(&object), "{url}");
    assert!(url.contains("X-Amz-Expires=900"), "{url}");
}

/// A URL is signed after its row is written. The test delays the statement by 2 s, and asserts that the URL
/// still ends at the row's `url_expires_at`.
#[tokio::test]
async fn a_url_expires_when_its_row_says() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let quota = vault.database.connect_as("docuvault_app").await;
    quota.batch_execute("begin; select from quotas for update").await.unwrap();
    let caller = vault.in_own_sandbox(&alice);
    let new = json!({"filename": "a.txt", "content_type": "text/plain"});
    let begun = tokio::spawn(async move { caller.begin_upload(new).await });
    vault.wait_until_blocked("upload::begin").await;
    vault.wait_until("select pg_sleep(2) is not null").await;
    quota.batch_execute("rollback").await.unwrap();
    let upload = begun.await.unwrap();
    let url = reqwest::Url::parse(&upload.upload_url).unwrap();
    let (_, signed_at) = url.query_pairs().find(|(name, _)| name == "X-Amz-Date").unwrap();
    let row = vault.database.superuser().await;
    let ends = "select to_char((url_expires_at - interval '900 seconds') at time zone 'utc',
            'YYYYMMDD\"T\"HH24MISS\"Z\"')
        from documents where date_trunc('second', url_expires_at) = url_expires_at";
    assert_eq!(row.query_one(ends, &[]).await.unwrap().get::<_, String>(0), signed_at);
    assert!(url.as_str().contains("X-Amz-Expires=900"), "{url}");
}

#[tokio::test]
async fn declared_size_and_checksum_are_signed_and_stored_in_the_row() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let upload = alice
        .begin_upload(
            json!({"filename": "a.txt", "content_type": "text/plain", "size_bytes": 5, "sha256": sha256}),
        )
        .await;
    let headers = [
        ("content-length", "5"),
        ("content-type", "text/plain"),
        ("if-none-match", "*"),
        ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
    ];
    assert_eq!(
        upload.headers,
        BTreeMap::from(headers.map(|(name, value)| (name.to_owned(), value.to_owned())))
    );
    let mut document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
    assert!(document["created_at"].take().is_string());
    assert_eq!(
        document,
        json!({
            "id": upload.document_id, "filename": "a.txt", "content_type": "text/plain", "size_bytes": 5,
            "sha256": sha256, "status": "pending", "failure": null, "topics": [], "classification": null,
            "created_at": null, "confirmed_at": null,
        })
    );
    assert_eq!(upload.put(b"hello").await, 200);
    alice.confirm(upload.document_id).await.expect(200);
    promises::check(&vault).await.unwrap();
}

#[tokio::test]
async fn an_object_key_has_ids_and_a_safe_extension_and_nothing_else_of_the_filename() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for (filename, extension) in [
        ("Holiday.JPG", ".jpg"),
        ("archive.tar.gz", ".gz"),
        ("no extension", ""),
        ("trailing.", ""),
        ("../../etc/passwd", ""),
        ("x.ex/e", ""),
        ("x.p\u{202e}fd", ""),
        ("x.abcdefghijklmnop", ".abcdefghijklmnop"),
        ("x.abcdefghijklmnopq", ""),
    ] {
        let upload = alice.begin_upload(json!({"filename": filename, "content_type": "text/plain"})).await;
        let key = upload.key();
        let prefix = format!("{}/{}/", alice.id(), upload.document_id);
        let name = key.strip_prefix(&prefix).unwrap_or_else(|| panic!("{key}"));
        let nonce: uuid::Uuid = name.strip_suffix(extension).unwrap().parse().unwrap();
        assert_eq!(name, format!("{nonce}{extension}"), "{filename}");
        assert_eq!(nonce.get_version_num(), 4, "{key}");
        assert_eq!(vault.row(upload.document_id).await["object_key"], key.as_str());
    }
}

#[tokio::test]
async fn an_upload_url_reserves_no_quota() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    vault.set_limit(alice.id(), 10).await;
    for _ in 0..3 {
        alice.post(URL, declare_size(10)).await.expect(201);
    }
    assert_eq!(alice.used_bytes().await, 0);
}

#[tokio::test]
async fn a_declared_size_that_cannot_fit_is_refused_before_the_upload() {
    let mut vault = TestVault::new().await;
    vault.limits.max_bytes = 50;
    let alice = vault.create_user().await;
    alice.store_confirmed("a.txt", b"hello").await;
    let before = vault.rows().await;
    let refused = |rejected: i64, limit: i64| json!({"detail": {"used_bytes": 5, "limit_bytes": limit, "rejected_bytes": rejected}, "code": "quota_exceeded"});
    for size in [51, i64::MAX] {
        assert_eq!(alice.post(URL, declare_size(size)).await.expect(413), refused(size, 104_857_600));
    }
    vault.set_limit(alice.id(), 9).await;
    assert_eq!(alice.post(URL, declare_size(5)).await.expect(413), refused(5, 9));
    vault.set_limit(alice.id(), 3).await;
    assert_eq!(
        alice.post(URL, declare_size(1)).await.expect(413),
        refused(1, 3),
        "the account is over its limit already"
    );
    vault.set_limit(alice.id(), 104_857_600).await;
    assert_eq!(vault.rows().await, before);
    vault.set_limit(alice.id(), 9).await;
    alice.post(URL, declare_size(4)).await.expect(201);
    alice.post(URL, declare_size(0)).await.expect(201);
}

#[tokio::test]
async fn a_user_may_hold_a_limited_number_of_pending_uploads() {
    let mut vault = TestVault::new().await;
    vault.limits.max_pending = 2;
    let (alice, bob) = (vault.create_user().await, vault.create_user().await);
    let first = alice.store_pending("a.txt", b"hello").await;
    begin_uploads(&alice, 1).await;
    assert_eq!(
        alice.post(URL, declare_size(1)).await.expect(429),
        json!({
            "detail": "you have 2 live upload URLs, which is the limit: confirm what you have uploaded, or wait until one expires",
            "code": "too_many_pending"
        })
    );
    begin_uploads(&bob, 2).await;
    alice.confirm(first.document_id).await.expect(200);
    begin_uploads(&alice, 1).await;
    alice.post(URL, declare_size(1)).await.expect(429);
    vault.age_hours(2).await;
    vault.sweep().await;
    begin_uploads(&alice, 2).await;
}

#[tokio::test]
async fn concurrent_requests_get_exactly_the_allowed_number_of_urls() {
    let mut vault = TestVault::new().await;
    vault.limits.max_pending = 7;
    let alice = vault.create_user().await;
    let requests: Vec<_> = (0..30)
        .map(|_| vault.in_own_sandbox(&alice))
        .map(|alice| tokio::spawn(async move { alice.post(URL, declare_size(1)).await.status }))
        .collect();
    let mut statuses = BTreeMap::new();
    for request in requests {
        *statuses.entry(request.await.unwrap()).or_insert(0) += 1;
    }
    assert_eq!(statuses, BTreeMap::from([(201, 7), (429, 23)]));
}

#[tokio::test]
async fn without_a_quota_row_an_upload_url_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    vault.tamper("delete from quotas").await;
    assert_problem(alice.post(URL, declare_size(1)).await, 404, "not_found");
    assert_eq!(vault.rows().await["documents"], Value::Null);
}

#[tokio::test]
async fn above_the_limit_an_empty_or_undeclared_upload_can_begin() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    alice.store_confirmed("a.txt", b"hello").await;
    vault.set_limit(alice.id(), 4).await;
    alice.begin_upload(json!({"filename": "b.txt", "content_type": "text/plain"})).await;
    let empty = alice.begin_upload(declare_size(0)).await;
    assert_eq!(empty.put(b"").await, 200);
    assert_eq!(alice.confirm(empty.document_id).await.expect(200)["used_bytes"], 5);
}
