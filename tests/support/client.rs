//! A caller of the vault's API. It uses HTTP only, as a browser would.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, header};
use docuvault::auth::User;
use docuvault::id::{DocumentId, UserId};
use lambda_http::RequestExt as _;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_http::request::RequestContext;
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::reference;

/// One HTTP client for all tests. It keeps no idle connections, because each test has its own runtime.
static BROWSER: LazyLock<reqwest::Client> =
    LazyLock::new(|| reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap());

/// A caller of the API, with an access token or without one.
#[derive(Clone)]
pub struct Client {
    routes: Router,
    account: Option<(User, String)>,
    address: Option<String>,
}

/// A response of the vault.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The response headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is empty.
    pub body: Value,
    /// The body as it was sent.
    pub bytes: Bytes,
}

impl Response {
    /// Asserts the status and returns the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

/// The response of `POST /api/documents/upload-url`.
#[derive(Clone, Debug, Deserialize)]
pub struct Upload {
    /// The presigned URL for the PUT.
    pub upload_url: String,
    /// The id of the pending document.
    pub document_id: DocumentId,
    /// The headers that the PUT must have.
    pub headers: BTreeMap<String, String>,
}

impl Client {
    pub(crate) fn new(routes: Router, account: Option<(User, String)>) -> Self {
        Self { routes, account, address: None }
    }

    /// Returns the same caller at this address, as the gateway would name it.
    pub fn at(&self, address: &str) -> Self {
        Self { address: Some(address.to_owned()), ..self.clone() }
    }

    /// Returns the same caller, but its requests go to these routes.
    pub fn served_by(&self, routes: Router) -> Self {
        Self { routes, ..self.clone() }
    }

    /// Returns a caller without a token, served by the same functions.
    pub fn anonymous(&self) -> Self {
        Self { account: None, ..self.clone() }
    }

    /// Returns a caller with this account, session and access token, served by the same functions.
    pub fn signed_in(&self, user: User, token: String) -> Self {
        Self { account: Some((user, token)), ..self.clone() }
    }

    /// Returns the id of the caller's account. Panics if the caller has none.
    pub fn id(&self) -> UserId {
        self.user().id
    }

    /// Returns the id of the caller's account, if the caller has one.
    pub fn try_id(&self) -> Option<UserId> {
        self.account.as_ref().map(|(user, _)| user.id)
    }

    /// Returns the caller's account and session. Panics if the caller has none.
    pub fn user(&self) -> User {
        self.account.as_ref().expect("a caller with an account").0
    }

    /// Sends a GET request.
    pub async fn get(&self, path: &str) -> Response {
        self.send("GET", path, None).await
    }

    /// Sends a POST request with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.send("POST", path, Some(body)).await
    }

    /// Sends a PUT request with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Response {
        self.send("PUT", path, Some(body)).await
    }

    /// Sends a PATCH request with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Response {
        self.send("PATCH", path, Some(body)).await
    }

    /// Sends a DELETE request.
    pub async fn delete(&self, path: &str) -> Response {
        self.send("DELETE", path, None).await
    }

    /// Sends a request with any method, with or without a JSON body.
    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.request(
            request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap(),
        )
        .await
    }

    /// Sends any request. Adds the caller's token unless the request has an `authorization` header.
    pub async fn request(&self, mut request: Request<Body>) -> Response {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        if let Some((_, token)) = &self.account {
            let value = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().entry(header::AUTHORIZATION).or_insert(value);
        }
        if let Some(address) = &self.address {
            let mut context = ApiGatewayV2httpRequestContext::default();
            context.http.source_ip = Some(address.clone());
            request = request.with_request_context(RequestContext::ApiGatewayV2(context));
        }
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        let response = Response { status, headers, body, bytes };
        reference::check(&method, &path, &response);
        response
    }

    /// Returns the caller's access token. Panics if the caller has none.
    pub fn token(&self) -> &str {
        &self.account.as_ref().expect("a caller with an account").1
    }

    /// Asks for an upload URL and asserts that the vault gives one.
    pub async fn begin_upload(&self, request: Value) -> Upload {
        let body = self.post("/api/documents/upload-url", request).await.expect(201);
        serde_json::from_value(body).unwrap()
    }

    /// Stores a plain-text file without confirming it. Declares neither size nor checksum.
    pub async fn store_pending(&self, filename: &str, bytes: &[u8]) -> Upload {
        let upload = self.begin_upload(json!({"filename": filename, "content_type": "text/plain"})).await;
        assert_eq!(upload.put(bytes).await, 200);
        upload
    }

    /// Stores and confirms a plain-text file.
    pub async fn store_confirmed(&self, filename: &str, bytes: &[u8]) -> Upload {
        let upload = self.store_pending(filename, bytes).await;
        self.confirm(upload.document_id).await.expect(200);
        upload
    }

    /// Sends a confirmation.
    pub async fn confirm(&self, id: DocumentId) -> Response {
        self.send("POST", &format!("/api/documents/{id}/confirm"), None).await
    }

    /// Sends a deletion.
    pub async fn delete_document(&self, id: DocumentId) -> Response {
        self.delete(&format!("/api/documents/{id}")).await
    }

    /// Returns the caller's used bytes, as the quota route reports them.
    pub async fn used_bytes(&self) -> i64 {
        self.get("/api/auth/me/quota").await.expect(200)["used_bytes"].as_i64().unwrap()
    }
}

impl Upload {
    /// PUTs the bytes with exactly the headers that the vault asked for. Returns the store's status.
    pub async fn put(&self, bytes: &[u8]) -> u16 {
        self.put_with(bytes, &self.headers).await
    }

    /// PUTs the bytes with these headers. Returns the store's status.
    pub async fn put_with(&self, bytes: &[u8], headers: &BTreeMap<String, String>) -> u16 {
        put(&self.upload_url, bytes, headers).await
    }

    /// Returns the names of the headers that the URL's signature covers.
    pub fn signed_headers(&self) -> Vec<String> {
        let url = reqwest::Url::parse(&self.upload_url).unwrap();
        let (_, value) = url.query_pairs().find(|(name, _)| name == "X-Amz-SignedHeaders").unwrap();
        value.split(';').map(str::to_owned).collect()
    }

    /// Returns the object key, taken from the URL. Only tests do this: the API never shows a key.
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
