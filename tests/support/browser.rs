//! A browser: it keeps the cookies and the access token that answers give it.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::{Client, Response, TestVault};

/// The name of the cookie with the refresh token.
pub const REFRESH: &str = "__Host-refresh";

/// A browser with a page of the vault. It has no session until it logs in.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    /// The cookies, by name.
    pub cookies: BTreeMap<String, String>,
    /// The newest access token.
    pub access_token: Option<String>,
}

impl Browser {
    /// Opens a browser whose requests go to a sandbox of its own.
    pub fn open(vault: &TestVault) -> Self {
        Self { client: vault.anonymous(), cookies: BTreeMap::new(), access_token: None }
    }

    /// Opens a browser in which this account has just logged in.
    pub async fn signed_in(vault: &TestVault, account: &Client) -> Self {
        let user = vault.start_session(account.id()).await;
        let mut browser = Self::open(vault);
        browser.cookies.insert(REFRESH.into(), vault.refresh_token(user).await.to_text());
        browser.access_token = Some(vault.issue_token(user));
        browser
    }

    /// Returns the same browser, whose requests go to a sandbox of its own. Requests that run at once must
    /// not share a connection.
    pub fn in_own_sandbox(&self, vault: &TestVault) -> Self {
        Self { client: vault.in_own_sandbox(&self.client), ..self.clone() }
    }

    /// Logs in.
    pub async fn log_in(&mut self, email: &str, password: &str) -> Response {
        self.send("POST", "/api/auth/login", Some(json!({"email": email, "password": password}))).await
    }

    /// Gets the next access token.
    pub async fn refresh(&mut self) -> Response {
        self.send("POST", "/api/auth/refresh", Some(json!({}))).await
    }

    /// Sends a request, and keeps what its answer sets.
    pub async fn send(&mut self, method: &str, path: &str, body: Option<Value>) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.request(request.body(body).unwrap()).await
    }

    /// Sends any request, with the cookies and the access token, and keeps what its answer sets.
    pub async fn request(&mut self, mut request: Request<Body>) -> Response {
        let headers = request.headers_mut();
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            headers.entry(header::COOKIE).or_insert(cookies.join("; ").parse().unwrap());
        }
        if let Some(token) = &self.access_token {
            headers.entry(header::AUTHORIZATION).or_insert(format!("Bearer {token}").parse().unwrap());
        }
        let answer = self.client.request(request).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        if let Some(token) = answer.body["access_token"].as_str() {
            self.access_token = Some(token.into());
        }
        answer
    }
}
