//! Bodies that are malformed, of the wrong type, too large or hostile are refused, and change nothing.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use tests::{Client, Response, TestVault};

use crate::assert_problem;

const UPLOAD_URL: &str = "/api/documents/upload-url";

async fn post_bytes(
    client: &Client,
    path: &str,
    content_type: Option<&str>,
    body: impl Into<Body>,
) -> Response {
    let mut request = Request::post(path);
    if let Some(content_type) = content_type {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    client.request(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let before = vault.rows().await;
    let valid = r#"{"filename":"a","content_type":"a/b"}"#;
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"7".to_vec(),
        b"[]".to_vec(),
        b"\"filename\"".to_vec(),
        br#"["a","a/b",null,null]"#.to_vec(),
        br#"["a@example.com","Correct-Horse-7"]"#.to_vec(),
        br#"{"filename":}"#.to_vec(),
        br#"{'filename':'a','content_type':'a/b'}"#.to_vec(),
        br#"{"filename":"a","content_type":"a/b","size_bytes":NaN}"#.to_vec(),
        br#"{"filename":"a","filename":"b","content_type":"a/b"}"#.to_vec(),
        br#"{"filename":"\ud800","content_type":"a/b"}"#.to_vec(),
        b"{\"filename\":\"\xff\xfe\",\"content_type\":\"a/b\"}".to_vec(),
        format!("{valid}{valid}").into_bytes(),
        format!("{valid}]").into_bytes(),
        format!("\u{feff}{valid}").into_bytes(),
        "[".repeat(60_000).into_bytes(),
        "{\"a\":".repeat(12_000).into_bytes(),
        format!(r#"{{"filename":{}1{}}}"#, "[".repeat(20_000), "]".repeat(20_000)).into_bytes(),
    ];
    for path in [
        UPLOAD_URL,
        "/api/auth/register",
        "/api/auth/login",
        "/api/auth/login/factor",
        "/api/auth/totp/enable",
    ] {
        for body in &bodies {
            let answer = post_bytes(&alice, path, Some("application/json"), body.clone()).await;
            assert_problem(answer, 422, "invalid");
        }
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn missing_unknown_and_invalid_fields_are_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let before = vault.rows().await;
    let values =
        |values: Value| values.as_array().unwrap().iter().cloned().map(Some).collect::<Vec<Option<Value>>>();
    for (field, mut values) in [
        (
            "filename",
            values(json!([
                null,
                "",
                7,
                true,
                [],
                {},
                ["a"],
                "a\u{0}",
                "a\nb",
                "\r",
                "\t",
                "\u{7f}",
                "\u{9b}",
                "ü".repeat(256)
            ])),
        ),
        (
            "content_type",
            values(json!([
                null,
                " ",
                7,
                [],
                "text",
                "text/",
                "/plain",
                "text/plain\r\nx: y",
                "text/pläin",
                " a/b",
                "a/b ",
                format!("a/{}", "b".repeat(254))
            ])),
        ),
        ("size_bytes", values(json!([-1, i64::MIN, 1.5, 5.0, "5", true, [], {}, u64::MAX, 1e30]))),
        (
            "sha256",
            values(json!([
                "",
                7,
                "0".repeat(63),
                "0".repeat(65),
                "A".repeat(64),
                "g".repeat(64),
                "٣".repeat(32),
                "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
            ])),
        ),
        ("user_id", values(json!([alice.id(), null]))),
        ("object_key", values(json!(["../../etc/passwd"]))),
        ("Filename", values(json!(["a"]))),
        ("", values(json!([""]))),
        ("__proto__", values(json!([{}]))),
    ] {
        if ["filename", "content_type"].contains(&field) {
            values.push(None);
        }
        for value in values {
            let mut request = json!({"filename": "a", "content_type": "a/b"});
            match &value {
                Some(value) => request[field] = value.clone(),
                None => drop(request.as_object_mut().unwrap().remove(field)),
            }
            let answer = alice.post(UPLOAD_URL, request).await;
            assert_eq!(answer.status, 422, "{field}: {value:?}: {}", answer.body);
            assert_problem(answer, 422, "invalid");
        }
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn a_body_over_the_size_limit_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let before = vault.rows().await;
    for size in [65_537, 10_000_000] {
        for (path, byte) in [(UPLOAD_URL, " "), (UPLOAD_URL, "["), ("/api/auth/login", "x")] {
            let answer = post_bytes(&alice, path, Some("application/json"), byte.repeat(size)).await;
            assert_problem(answer, 413, "body_too_large");
        }
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn a_body_that_is_not_declared_as_json_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let body = r#"{"filename":"a","content_type":"a/b"}"#;
    let before = vault.rows().await;
    for content_type in [
        None,
        Some(""),
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonx"),
        Some("json"),
    ] {
        let answer = post_bytes(&alice, UPLOAD_URL, content_type, body).await;
        assert_problem(answer, 415, "unsupported_media_type");
    }
    assert_eq!(vault.rows().await, before);
    post_bytes(&alice, UPLOAD_URL, Some("application/json; charset=utf-8"), body).await.expect(201);
}
