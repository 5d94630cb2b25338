//! A caller of the API that uses HTTP only.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use crate::stack::Stack;

/// A registered user with a token.
#[derive(Clone)]
pub struct Caller {
    pub id: String,
    pub email: String,
    api: String,
    token: String,
    http: Client,
}

const PASSWORD: &str = "Correct-Horse-7";

/// Returns an HTTP client with a timeout.
fn http_client() -> Client {
    Client::builder().timeout(Duration::from_secs(60)).build().unwrap()
}

impl Caller {
    /// Registers an account and logs in.
    pub async fn register(stack: &Stack) -> Self {
        let api = stack.settings()["API_URL"].clone();
        let email = format!("{}@example.com", uuid::Uuid::new_v4());
        let mut caller =
            Self { id: String::new(), email: email.clone(), api, token: String::new(), http: http_client() };
        let account = json!({"email": email, "password": PASSWORD});
        let (status, registered) = caller.call(Method::POST, "/api/auth/register", Some(account)).await;
        assert_eq!(status, 201, "{registered}");
        caller.id = registered["id"].as_str().unwrap().to_owned();
        assert_eq!(caller.login(PASSWORD).await, 200);
        caller
    }

    /// Returns the header `Authorization` with the access token.
    pub fn authorization(&self) -> String {
        format!("Authorization: Bearer {}", self.token)
    }

    /// Logs in again, and asserts that it succeeds.
    pub async fn login_again(&mut self) {
        assert_eq!(self.login(PASSWORD).await, 200);
    }

    /// Logs in. Returns the status.
    pub async fn login(&mut self, password: &str) -> u16 {
        let account = json!({"email": self.email, "password": password});
        let (status, session) = self.call(Method::POST, "/api/auth/login", Some(account)).await;
        self.token = session["access_token"].as_str().unwrap_or_default().to_owned();
        status
    }

    /// Creates a caller with this e-mail address who has not logged in.
    pub fn with_email(stack: &Stack, email: &str) -> Self {
        let api = stack.settings()["API_URL"].clone();
        Self { id: String::new(), email: email.to_owned(), api, token: String::new(), http: http_client() }
    }

    /// Returns the same caller with a new HTTP client, because connections end with the runtime that opened
    /// them.
    pub fn with_new_connections(&self) -> Self {
        Self { http: http_client(), ..self.clone() }
    }

    /// Returns the same caller, but its requests go to another address.
    pub fn at(&self, api: &str) -> Self {
        Self { api: api.to_owned(), ..self.clone() }
    }

    /// Sends a request. Returns status and body.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let response = self.send(method, path, body).await;
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }

    /// Sends a request. Returns the response.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.api)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    /// Sends a GET request, asserts the status 200, and returns the body.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Stores a file without confirming it. Returns the document's id.
    pub async fn store_pending(&self, bytes: Vec<u8>) -> String {
        let file = json!({"filename": "a.txt", "content_type": "text/plain", "size_bytes": bytes.len()});
        let (status, upload) = self.call(Method::POST, "/api/documents/upload-url", Some(file)).await;
        assert_eq!(status, 201, "{upload}");
        let mut request = self.http.put(upload["upload_url"].as_str().unwrap()).body(bytes);
        let headers: BTreeMap<String, String> = serde_json::from_value(upload["headers"].clone()).unwrap();
        for (name, value) in headers {
            request = request.header(name, value);
        }
        assert_eq!(request.send().await.unwrap().status(), 200);
        upload["document_id"].as_str().unwrap().to_owned()
    }

    /// Sends a confirmation. Returns status and body.
    pub async fn confirm(&self, id: &str) -> (u16, Value) {
        self.call(Method::POST, &format!("/api/documents/{id}/confirm"), None).await
    }

    /// Returns the used bytes, and the sum of the sizes of the listed documents. The two must be equal.
    pub async fn ledger(&self) -> (i64, i64) {
        let used = self.get("/api/auth/me/quota").await["used_bytes"].as_i64().unwrap();
        let listed = self.get("/api/documents?limit=100").await;
        let sizes =
            listed["items"].as_array().unwrap().iter().map(|item| item["size_bytes"].as_i64().unwrap());
        (used, sizes.sum())
    }
}
