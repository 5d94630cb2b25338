//! A small HTTP client for the requests of confirmations and deletions, which are about one object and have
//! no body. The SDK sends all other requests. For a request of this client, the SDK would take 250,000 more
//! instructions, and make every program that uses it a megabyte larger (docs/SPEED.md).

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::time::{sleep, timeout};

use super::ObjectKey;
use super::sign::Signer;
use crate::aws::ServiceError;
use crate::error::Source;
use crate::limits::sdk::{CONNECT_TIMEOUT, MAX_ATTEMPTS, STORE};
use crate::{Error, Result, config, tls};

/// The headers with the id that a store gives to a request: S3 and MinIO use the first, other stores the
/// second. The SDK reads both, too.
const REQUEST_IDS: [&str; 2] = ["x-amz-request-id", "x-amzn-requestid"];

/// The most bytes that are read of a response's body. The body of an error response is a few lines of XML.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The name of a header in lower case, and its value.
type Header = (&'static str, &'static str);

/// A response of the store.
pub(super) struct StoreResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: Bytes,
}

/// A client for the objects of one bucket.
pub(super) struct Client {
    signer: Signer,
    http: tls::HttpClient<Empty<Bytes>>,
}

impl Client {
    /// Creates a client. It connects at the first request.
    pub(super) fn new(config: &config::StorageConfig) -> Self {
        let endpoint = config.endpoint.as_deref();
        let http = tls::http_client(endpoint.unwrap_or("https://"), Some(CONNECT_TIMEOUT));
        Self { signer: Signer::new(config, endpoint), http }
    }

    /// Sends a request about an object, and returns the response, whatever its status. Transient errors are
    /// retried; after the last attempt, its response or error is returned.
    ///
    /// # Errors
    /// [`Error::Storage`] if there was no response, or if it is not the store's own.
    pub(super) async fn send(
        &self,
        method: &Method,
        key: &ObjectKey,
        header: Option<Header>,
    ) -> Result<StoreResponse> {
        let attempts = async {
            for attempt in 1..MAX_ATTEMPTS {
                let result = self.attempt(method, key, header).await;
                if !is_transient(&result) {
                    return result;
                }
                sleep(retry_pause(attempt)).await;
            }
            self.attempt(method, key, header).await
        };
        let answer = timeout(STORE.operation, attempts).await.unwrap_or_else(|_| Err(timeout_error()))?;
        if answer.is_from_store() { Ok(answer) } else { Err(answer.to_error()) }
    }

    async fn attempt(
        &self,
        method: &Method,
        key: &ObjectKey,
        header: Option<Header>,
    ) -> Result<StoreResponse> {
        let request = self.request(method, key, header)?;
        let answer = async {
            let response = self.http.request(request).await;
            StoreResponse::read(response.map_err(|error| connection_error("no connection", error))?).await
        };
        timeout(STORE.attempt, answer).await.unwrap_or_else(|_| Err(timeout_error()))
    }

    fn request(
        &self,
        method: &Method,
        key: &ObjectKey,
        header: Option<Header>,
    ) -> Result<Request<Empty<Bytes>>> {
        let mut request = Request::builder()
            .method(method)
            .uri(self.signer.url(key))
            .body(Empty::new())
            .map_err(Error::internal)?;
        let header =
            header.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        request.headers_mut().extend(header);
        self.signer.authorize(&mut request)?;
        Ok(request)
    }
}

impl StoreResponse {
    /// Reads the body of every response except 200, because a connection with an unread body cannot be used
    /// again. A 200 may contain the whole object, which is not read.
    async fn read(response: Response<Incoming>) -> Result<Self> {
        let (head, body) = response.into_parts();
        let body = match head.status {
            StatusCode::OK => Bytes::new(),
            _ => Limited::new(body, MAX_BODY_BYTES)
                .collect()
                .await
                .map_err(|error| connection_error("the answer broke off", error))?
                .to_bytes(),
        };
        Ok(Self { status: head.status, headers: head.headers, body })
    }

    /// The value of a header, if it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns true if the response has the id that a store gives to every request. A response without it
    /// comes from a proxy that cannot reach the store, whatever its status says.
    fn is_from_store(&self) -> bool {
        self.request_id().is_some()
    }

    /// The store's id of the request.
    fn request_id(&self) -> Option<&str> {
        REQUEST_IDS.into_iter().find_map(|name| self.header(name))
    }

    /// Returns true if the store itself answers that there is no such object. A 404 without the code
    /// `NoSuchKey` may come from a proxy that cannot reach the store.
    pub(super) fn is_no_such_key(&self) -> bool {
        self.status == StatusCode::NOT_FOUND && self.code() == Some("NoSuchKey")
    }

    /// The code in the body of an error response.
    fn code(&self) -> Option<&str> {
        let (_, rest) = str::from_utf8(&self.body).ok()?.split_once("<Code>")?;
        Some(rest.split_once("</Code>")?.0)
    }

    /// Converts an error response into an error with the status, the code and the store's id of the request.
    /// The store's message is left out, because it may contain the object key.
    pub(super) fn to_error(&self) -> Error {
        let refusal = ServiceError::from_refusal(self.status.as_u16(), self.code(), self.request_id());
        Error::Storage(refusal.into())
    }
}

pub(super) fn timeout_error() -> Error {
    Error::Storage(ServiceError::Timeout.into())
}

fn connection_error(what: &'static str, source: impl Into<Source>) -> Error {
    Error::Storage(ServiceError::Connection { what, source: source.into() }.into())
}

/// Returns true if another attempt may succeed, because the store has an internal error, is overloaded, or
/// did not answer. A request that cannot be built or signed is not retried.
fn is_transient(result: &Result<StoreResponse>) -> bool {
    match result {
        Ok(StoreResponse { status, .. }) => {
            status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
        }
        Err(error) => matches!(error, Error::Storage(_)),
    }
}

/// Returns the pause after an attempt: up to one second after the first, up to two seconds after the second.
/// It is random, so that clients that failed at the same time do not retry at the same time.
fn retry_pause(attempt: u32) -> Duration {
    Duration::from_secs(1 << (attempt - 1)).mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> StoreResponse {
        let status = StatusCode::from_u16(status).unwrap();
        StoreResponse { status, headers: HeaderMap::new(), body: body.into() }
    }

    #[test]
    fn only_transient_errors_are_retried() {
        for (status, again) in
            [(200, false), (403, false), (404, false), (429, true), (500, true), (503, true)]
        {
            assert_eq!(is_transient(&Ok(answer(status, ""))), again, "{status}");
        }
        assert!(is_transient(&Err(timeout_error())));
        assert!(!is_transient(&Err(Error::internal("the URL is not one"))));
    }

    #[test]
    fn only_the_code_no_such_key_means_that_there_is_no_object() {
        for (status, body, absent) in [
            (404, "<Error><Code>NoSuchKey</Code></Error>", true),
            (404, "<Error><Code>NoSuchBucket</Code></Error>", false),
            (404, "default backend - 404", false),
            (404, "", false),
            (403, "<Error><Code>NoSuchKey</Code></Error>", false),
        ] {
            assert_eq!(answer(status, body).is_no_such_key(), absent, "{status} {body}");
        }
    }
}
