//! Every route with a body refuses bodies that are too large, malformed or hostile. The routes are those of
//! the reference, so that a new one is tried, too.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::Value;
use tests::{Client, Response, TestVault};
use uuid::Uuid;

use crate::assert_problem;

const REFERENCE: &str = include_str!("../../infra/openapi.json");

/// The least size of a body that is far too large: 6 MB.
const HUGE_BYTES: usize = 6_000_000;

/// A route with a JSON body.
struct Route {
    method: String,
    path: String,
    /// The example of its body.
    example: Value,
}

impl Route {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Sends a body as it is.
    async fn send(&self, client: &Client, body: impl Into<Body>) -> Response {
        let path = self.path.replace("{id}", &Uuid::new_v4().to_string());
        let request = Request::builder().method(self.method.as_str()).uri(path);
        let request = request.header(header::CONTENT_TYPE, "application/json").body(body.into());
        client.request(request.unwrap()).await
    }
}

/// Returns the routes with a body, and for each a caller that it admits.
async fn routes_with_callers(vault: &TestVault) -> Vec<(Route, Client)> {
    let (user, admin) = (vault.create_user().await, vault.create_admin().await);
    let reference: Value = serde_json::from_str(REFERENCE).unwrap();
    let mut found = Vec::new();
    for (path, operations) in reference["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let example = operation["requestBody"]["content"]["application/json"]["example"].clone();
            if example.is_object() {
                let client = if path.starts_with("/api/admin/") { &admin } else { &user };
                found.push((
                    Route { method: method.to_uppercase(), path: path.clone(), example },
                    client.clone(),
                ));
            }
        }
    }
    assert!(found.len() > 20, "{} routes", found.len());
    found
}

#[tokio::test]
async fn a_body_of_6_mb_is_refused_by_every_route() {
    let vault = TestVault::new().await;
    for (route, client) in routes_with_callers(&vault).await {
        let body = route.example.to_string() + &" ".repeat(HUGE_BYTES);
        assert_eq!(route.send(&client, body).await.status, 413, "{}", route.name());
    }
}

#[tokio::test]
async fn a_body_of_another_form_is_refused_by_every_route() {
    let vault = TestVault::new().await;
    for (route, client) in routes_with_callers(&vault).await {
        let example = route.example.to_string();
        let mut bodies = vec![
            String::new(),
            "null".into(),
            format!("[{example}]"),
            format!("{example}{example}"),
            "[".repeat(60_000),
            "{\"a\":".repeat(12_000),
            format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000)),
            example.replacen('{', "{\"\\u0000\": 1,", 1).replace(",}", "}"),
        ];
        if let Some((name, value)) = route.example.as_object().unwrap().iter().next() {
            bodies.push(example.replacen('{', &format!("{{\"{name}\": {value},"), 1));
        }
        for body in bodies {
            let answer = route.send(&client, body.clone()).await;
            let start: String = body.chars().take(60).collect();
            assert_eq!(answer.status, 422, "{}: {start}: {}", route.name(), answer.body);
            assert_problem(answer, 422, "invalid");
        }
    }
}

#[tokio::test]
async fn hostile_characters_in_any_text_are_no_error_of_the_vault() {
    let vault = TestVault::new().await;
    for (route, client) in routes_with_callers(&vault).await {
        for (name, value) in route.example.as_object().unwrap() {
            if !value.is_string() {
                continue;
            }
            for text in ["\u{0}", "a\u{0}b", "\r\nx: y", "\u{1b}[31m", "\u{202e}a", "\u{feff}", "\u{fffe}"] {
                let mut body = route.example.clone();
                body[name] = text.into();
                let answer = route.send(&client, body.to_string()).await;
                assert!(answer.status < 500, "{}: {name}: {text:?}: {}", route.name(), answer.body);
                let has_null = text.contains('\0');
                assert!(!has_null || answer.status >= 400, "{}: {name}: {text:?}", route.name());
            }
            let lone = route.example.to_string().replacen(&value.to_string(), "\"\\ud800\"", 1);
            let answer = route.send(&client, lone).await;
            assert_eq!(answer.status, 422, "{}: {name}: {}", route.name(), answer.body);
        }
    }
}
