//! Users as clients: they speak HTTP to the vault and to the store, and know nothing else.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use docuvault::id::{DocumentId, UserId};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// One for all: connections to the store are kept.
static BROWSER: LazyLock<reqwest::Client> =
    LazyLock::new(|| reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap());

/// Somebody who calls the vault.
#[derive(Clone)]
pub struct Client {
    routes: Router,
    account: Option<(UserId, String)>,
}

/// What the vault answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null where there is none.
    pub body: Value,
}

impl Answer {
    /// The body, if the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

/// What `upload-url` answers.
#[derive(Clone, Debug, Deserialize)]
pub struct Upload {
    /// Where to PUT.
    pub upload_url: String,
    /// What to confirm.
    pub document_id: DocumentId,
    /// What to send.
    pub headers: BTreeMap<String, String>,
}

impl Client {
    pub(crate) fn new(routes: Router, account: Option<(UserId, String)>) -> Self {
        Self { routes, account }
    }

    /// The same caller, served by other routes.
    pub fn served_by(&self, routes: Router) -> Self {
        Self { routes, account: self.account.clone() }
    }

    /// The caller's id.
    pub fn id(&self) -> UserId {
        self.account.as_ref().expect("a caller with an account").0
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    /// POST with a body in JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    /// PUT with a body in JSON.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, Some(body)).await
    }

    /// PATCH with a body in JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    /// Any method, with a body in JSON or without.
    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.request(
            request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap(),
        )
        .await
    }

    /// Any request; the token is added unless the request has one.
    pub async fn request(&self, mut request: Request<Body>) -> Answer {
        if let Some((_, token)) = &self.account {
            let value = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().entry(header::AUTHORIZATION).or_insert(value);
        }
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status, headers, body }
    }

    /// Asks for an upload URL; must succeed.
    pub async fn begin(&self, request: Value) -> Upload {
        let body = self.post("/api/documents/upload-url", request).await.expect(201);
        serde_json::from_value(body).unwrap()
    }

    /// Stores a plain-text file, declaring nothing but its name and type; not confirmed.
    pub async fn store(&self, filename: &str, bytes: &[u8]) -> Upload {
        let upload = self.begin(json!({"filename": filename, "content_type": "text/plain"})).await;
        assert_eq!(upload.put(bytes).await, 200);
        upload
    }

    /// Stores and confirms a plain-text file.
    pub async fn keep(&self, filename: &str, bytes: &[u8]) -> Upload {
        let upload = self.store(filename, bytes).await;
        self.confirm(upload.document_id).await.expect(200);
        upload
    }

    /// Confirms.
    pub async fn confirm(&self, id: DocumentId) -> Answer {
        self.send("POST", &format!("/api/documents/{id}/confirm"), None).await
    }

    /// Removes a document.
    pub async fn remove(&self, id: DocumentId) -> Answer {
        self.delete(&format!("/api/documents/{id}")).await
    }

    /// Used bytes, by the vault's own word.
    pub async fn used_bytes(&self) -> i64 {
        self.get("/api/auth/me/quota").await.expect(200)["used_bytes"].as_i64().unwrap()
    }
}

impl Upload {
    /// PUTs the bytes with exactly the returned headers; answers the store's status.
    pub async fn put(&self, bytes: &[u8]) -> u16 {
        self.put_with(bytes, &self.headers).await
    }

    /// PUTs the bytes with other headers.
    pub async fn put_with(&self, bytes: &[u8], headers: &BTreeMap<String, String>) -> u16 {
        put(&self.upload_url, bytes, headers).await
    }

    /// The headers that the URL's signature covers.
    pub fn signed_headers(&self) -> Vec<String> {
        let url = reqwest::Url::parse(&self.upload_url).unwrap();
        let (_, value) = url.query_pairs().find(|(name, _)| name == "X-Amz-SignedHeaders").unwrap();
        value.split(';').map(str::to_owned).collect()
    }

    /// The object's key, which only tests read off the URL.
    pub fn key(&self) -> String {
        let url = reqwest::Url::parse(&self.upload_url).unwrap();
        url.path().splitn(3, '/').nth(2).unwrap().to_owned()
    }
}

async fn put(url: &str, bytes: &[u8], headers: &BTreeMap<String, String>) -> u16 {
    let mut request = BROWSER.put(url).body(bytes.to_vec());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send().await.unwrap().status().as_u16()
}
