//! Paths, queries, cursors and tokens that are malformed, of the wrong type, too large or hostile.

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tests::{Client, TestVault};
use time::{Date, Month, OffsetDateTime};

use crate::assert_problem;

#[tokio::test]
async fn ids_that_are_not_uuids_are_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let upload = alice.store_confirmed("a.txt", b"hello").await;
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
async fn invalid_and_forged_tokens_are_refused() {
    let vault = TestVault::new().await;
    let (alice, anonymous) = (vault.create_user().await, vault.anonymous());
    let token = vault.issue_token(alice.user());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (_, claims) = signed.split_once('.').unwrap();
    let secret = docuvault::config::Secret::Value("x".repeat(32));
    let foreign = docuvault::auth::Tokens::new(docuvault::config::TokenConfig { secret });
    let foreign = serde_json::to_value(foreign.issue(alice.user()).await.unwrap()).unwrap();
    let get = async |value: &[u8]| {
        let request = Request::get("/api/documents").header(header::AUTHORIZATION, value);
        anonymous.request(request.body(Body::empty()).unwrap()).await
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
async fn invalid_queries_are_refused() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for name in ["a.txt", "b.txt"] {
        alice.store_confirmed(name, b"hello").await;
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
    // Quotation marks and wildcards are plain characters, and invalid UTF-8 matches no name.
    for query in ["q=%27%20or%20true--", "q=%FF", "q=%5C", "q=%25_"] {
        let answer = alice.get(&format!("/api/documents?{query}")).await.expect(200);
        assert_eq!(answer["items"], json!([]), "{query}");
    }
}

/// Returns a cursor for this list and reader that the vault has not issued.
fn forge_cursor(reader: &Client, list: &str, micros: i64) -> String {
    let (reader, id) = (reader.id().0.into_bytes(), uuid::Uuid::now_v7().into_bytes());
    URL_SAFE_NO_PAD.encode([&reader[..], &micros.to_be_bytes(), &id, list.as_bytes()].concat())
}

#[tokio::test]
async fn cursors_with_impossible_times_are_refused() {
    let micros = |year| {
        let day = Date::from_calendar_date(year, Month::January, 1).unwrap();
        day.midnight().assume_utc().unix_timestamp() * 1_000_000
    };
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
    for (reader, url, list) in [
        (&alice, "/api/documents", "documents"),
        (&alice, "/api/topics", "topics"),
        (&admin, "/api/admin/topics", "system topics"),
    ] {
        let ask =
            async |micros| reader.get(&format!("{url}?cursor={}", forge_cursor(reader, list, micros))).await;
        for micros in [micros(-9_999), micros(-5_000), micros(1969), -1, i64::MIN, i64::MAX] {
            assert_problem(ask(micros).await, 422, "invalid");
        }
        ask(OffsetDateTime::now_utc().unix_timestamp() * 1_000_000).await.expect(200);
    }
}
