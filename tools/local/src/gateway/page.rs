//! Serves the page on the API's origin, with the headers that it has on AWS, except for
//! `Strict-Transport-Security`: browsers ignore it without TLS.

use std::path::Path;

use anyhow::{Context as _, Result};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use tower::ServiceExt as _;
use tower_http::compression::Compression;
use tower_http::services::{ServeDir, ServeFile};

/// The folder of the files whose names have a hash of their content.
const ASSETS: &str = "/assets/";

const HEADERS: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// The files of the page, compressed as they are on AWS.
#[derive(Clone)]
pub struct Page {
    assets: Compression<ServeDir>,
    others: Compression<ServeDir<ServeFile>>,
    policy: HeaderValue,
}

impl Page {
    /// Reads the page from `folder`. `store` is the address of the object store, to which the page sends
    /// files. Fails if that is no value of a header.
    pub fn new(folder: &Path, store: &str) -> Result<Self> {
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: {store}; \
             connect-src 'self' {store}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; \
             require-trusted-types-for 'script'"
        );
        Ok(Self {
            assets: Compression::new(ServeDir::new(folder)),
            others: Compression::new(
                ServeDir::new(folder).fallback(ServeFile::new(folder.join("index.html"))),
            ),
            policy: policy.try_into().context("the address of the store is malformed")?,
        })
    }

    /// Answers with a file. A path that is no file is a view of the page, which `index.html` shows; a missing
    /// asset is 404.
    pub async fn serve(&self, request: Request) -> Response {
        let is_asset = request.uri().path().starts_with(ASSETS);
        let Ok(answer) = if is_asset {
            self.assets.clone().oneshot(request).await
        } else {
            self.others.clone().oneshot(request).await
        };
        let mut answer = answer.map(Body::new);
        let lasting = is_asset && !answer.status().is_client_error();
        let caching = if lasting { "public, max-age=31536000, immutable" } else { "no-cache" };
        let headers = answer.headers_mut();
        headers.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        answer
    }
}
