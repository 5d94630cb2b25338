//! Requests that are malformed, mistyped, oversized or hostile: refused in the vault's own form, and nothing has changed.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use tests::{Answer, Client, TestVault};

use crate::assert_problem;

const UPLOAD_URL: &str = "/api/documents/upload-url";

async fn post_bytes(
    client: &Client,
    path: &str,
    content_type: Option<&str>,
    body: impl Into<Body>,
) -> Answer {
    let mut request = Request::post(path);
    if let Some(content_type) = content_type {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    client.request(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
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
    for path in [UPLOAD_URL, "/api/auth/register", "/api/auth/login"] {
        for body in &bodies {
            let answer = post_bytes(&alice, path, Some("application/json"), body.clone()).await;
            assert_problem(answer, 422, "invalid");
        }
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn fields_that_are_missing_unknown_or_of_another_type_are_refused() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
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
                "",
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
async fn a_body_over_the_limit_is_refused_whatever_is_in_it() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
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
    let alice = vault.user().await;
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

#[tokio::test]
async fn ids_that_are_no_uuid_are_refused() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    let upload = alice.keep("a.txt", b"hello").await;
    let before = vault.rows().await;
    let id = upload.document_id.to_string();
    let long = "0".repeat(5_000);
    for wrong in [
        "x",
        "0",
        "..",
        "%2e%2e",
        "%00",
        "%FF",
        "%ZZ",
        "%C3%BC",
        "*",
        "null",
        "';drop%20table%20documents;--",
        &long,
        &id[1..],
        &format!("{id}0"),
        &format!("{id}%20"),
        &id.replace('-', "%2F"),
        "00000000-0000-0000-0000-00000000000g",
    ] {
        let path = format!("/api/documents/{wrong}");
        for answer in [
            alice.get(&path).await,
            alice.get(&format!("{path}/download")).await,
            alice.post(&format!("{path}/confirm"), json!({})).await,
            alice.delete(&path).await,
        ] {
            assert_eq!(answer.status, 422, "{wrong}: {}", answer.body);
            assert_problem(answer, 422, "invalid");
        }
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn tokens_that_are_not_ours_are_refused() {
    let vault = TestVault::new().await;
    let (alice, nobody) = (vault.user().await, vault.nobody());
    let token = vault.token(alice.id());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (_, claims) = signed.split_once('.').unwrap();
    let foreign = docuvault::auth::Tokens::new(&docuvault::config::Tokens { secret: vec![b'x'; 32] });
    let foreign = serde_json::to_value(foreign.issue(alice.id()).unwrap()).unwrap();
    let get = async |value: &[u8]| {
        let request = Request::get("/api/documents").header(header::AUTHORIZATION, value);
        nobody.request(request.body(Body::empty()).unwrap()).await
    };
    for value in [
        String::new(),
        "Bearer".into(),
        "Bearer ".into(),
        "Bearer x".into(),
        "Bearer ..".into(),
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer{token}"),
        format!("Bearer {token} {token}"),
        format!("Bearer \"{token}\""),
        format!("Bearer {signed}"),
        format!("Bearer {signed}."),
        format!("Bearer {signed}.{}", signature.to_uppercase()),
        format!("Bearer {signature}.{claims}.{signature}"),
        // {"alg":"none","typ":"JWT"}
        format!("Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}."),
        format!("Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.{signature}"),
        format!("Bearer {}", foreign["access_token"].as_str().unwrap()),
        format!("Bearer {}", "a".repeat(100_000)),
        format!("Bearer {}", ".".repeat(100_000)),
        "Bearer ü".into(),
    ] {
        assert_problem(get(value.as_bytes()).await, 401, "unauthenticated");
    }
    assert_problem(get(b"Bearer \xff\xfe").await, 401, "unauthenticated");
    for value in [format!("bearer {token}"), format!("BEARER {token}"), format!("Bearer  {token}")] {
        get(value.as_bytes()).await.expect(200);
    }
}

#[tokio::test]
async fn queries_that_are_not_understood_are_refused() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for name in ["a.txt", "b.txt"] {
        alice.keep(name, b"hello").await;
    }
    let page = alice.get("/api/documents?limit=1").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let mut queries: Vec<String> = [
        "limit=a",
        "limit=",
        "limit=0",
        "limit=101",
        "limit=1&limit=2",
        "status=",
        "status=gone",
        "status=PENDING",
        "status=pending&status=pending",
        "topic=",
        "topic=x",
        "q=%00",
        "q=a%00b",
        "cursor=",
        "cursor=x",
        "cursor=%00",
        "cursor=====",
        "cursor=..%2F..",
        "cursor=%F0%9F%92%BE",
        "offset=1",
        "user_id=x",
        "Limit=1",
        "=",
        "&limit=x",
    ]
    .map(str::to_owned)
    .into();
    queries.push(format!("q={}", "x".repeat(256)));
    queries.push(format!("cursor={}", "A".repeat(10_000)));
    queries.push(format!("cursor={}", &cursor[1..]));
    queries.push(format!("cursor={}", &cursor[..cursor.len() - 2]));
    queries.push(format!("cursor={cursor}AAAA"));
    queries.push(format!("cursor={cursor}="));
    for query in queries {
        let answer = alice.get(&format!("/api/documents?{query}")).await;
        assert_eq!(answer.status, 422, "{query}: {}", answer.body);
        assert_problem(answer, 422, "invalid");
    }
    // A quotation mark ends nothing, and bytes that are no text are text that no name has.
    for query in ["q=%27%20or%20true--", "q=%FF", "q=%5C", "q=%25_"] {
        let answer = alice.get(&format!("/api/documents?{query}")).await.expect(200);
        assert_eq!(answer["items"], json!([]), "{query}");
    }
}

#[tokio::test]
async fn credentials_that_can_not_be_are_refused() {
    let vault = TestVault::new().await;
    let nobody = vault.nobody();
    let before = vault.rows().await;
    for body in [
        json!({}),
        json!({"email": "a@example.com"}),
        json!({"email": null, "password": "Correct-Horse-7"}),
        json!({"email": ["a@example.com"], "password": "Correct-Horse-7"}),
        json!({"email": "a@example.com", "password": 7}),
        json!({"email": "a@example.com", "password": "Correct-Horse-7", "role": "admin"}),
    ] {
        for path in ["/api/auth/register", "/api/auth/login"] {
            assert_problem(nobody.post(path, body.clone()).await, 422, "invalid");
        }
    }
    for email in ["a\u{0}b@example.com", "\u{0}", "\"\u{0}\"@example.com", "'; drop table users; --"] {
        let body = json!({"email": email, "password": "Correct-Horse-7\u{0}"});
        let answer = nobody.post("/api/auth/login", body.clone()).await;
        assert_problem(answer, 401, "invalid_credentials");
    }
    for email in ["a\u{0}b@example.com", "\u{0}", "\"\u{0}\"@example.com", "'; drop table users; --"] {
        let body = json!({"email": email, "password": "Correct-Horse-7"});
        assert_problem(nobody.post("/api/auth/register", body).await, 422, "invalid");
    }
    assert_eq!(vault.rows().await, before);
}

#[tokio::test]
async fn names_of_any_script_are_kept_as_they_are_and_never_in_a_key() {
    let vault = TestVault::new().await;
    let alice = vault.user().await;
    for filename in [
        "ü".repeat(255),
        "💾".repeat(255),
        "../../etc/passwd".into(),
        "..".into(),
        "/".into(),
        "C:\\autoexec.bat".into(),
        "a\"b'c`d".into(),
        "'; drop table documents; --".into(),
        "invoice\u{202e}fdp.exe".into(),
        "مرحبا.txt".into(),
        "👩‍👩‍👧‍👦.png".into(),
        " leading and trailing ".into(),
        "%00%2e%2e".into(),
        "${jndi:ldap://x}".into(),
        "<script>".into(),
        "e\u{301}".into(),
    ] {
        let upload = alice.keep(&filename, b"hello").await;
        let document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
        assert_eq!(document["filename"], filename.as_str());
        let key = upload.key();
        let tame = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/.".contains(c);
        assert!(key.chars().all(tame) && !key.contains(".."), "{key}");
        let download =
            alice.get(&format!("/api/documents/{}/download", upload.document_id)).await.expect(200);
        let fetched = reqwest::get(download["download_url"].as_str().unwrap()).await.unwrap();
        let header = fetched.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(
            header.starts_with("attachment; filename=\"") && header.matches('"').count() == 2,
            "{header}"
        );
    }
}
