//! A small HTTP client for requests that are sent without the SDK. The SDK would take 250,000 more
//! instructions for each, and make every program that uses it a megabyte larger (docs/SPEED.md).

use std::time::{Duration, SystemTime};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode};
use tokio::time::{sleep, timeout};

use super::{ServiceError, Signer};
use crate::error::Source;
use crate::limits::sdk::{CONNECT_TIMEOUT, MAX_ATTEMPTS, Timeouts};
use crate::tls;

/// The most bytes that are read of a response's body. Errors of the store are a few lines of XML. A secret
/// has at most 64 KiB, and each of its characters takes at most six in JSON.
const MAX_BODY_BYTES: usize = 512 * 1024;

/// The error code of an overloaded service whose answers are JSON.
const THROTTLED: &str = "ThrottlingException";

/// Sends requests to one service, and repeats them after transient errors.
pub struct Client {
    signer: Option<Signer>,
    http: tls::HttpClient<Full<Bytes>>,
    timeouts: Timeouts,
}

impl Client {
    /// Creates a client for requests to `url`. It connects at the first request. Without a signer, requests
    /// are not signed.
    pub fn new(signer: Option<Signer>, url: &str, timeouts: Timeouts) -> Self {
        Self { signer, http: tls::http_client(url, Some(CONNECT_TIMEOUT)), timeouts }
    }

    /// Signs and sends a request, and returns the response, whatever its status. Transient errors are
    /// retried; after the last attempt, its response or error is returned. The body of a response is read if
    /// `is_read` returns true for its status, and is empty otherwise.
    ///
    /// # Errors
    /// There was no response.
    pub async fn send(
        &self,
        request: &Request<Bytes>,
        is_read: fn(StatusCode) -> bool,
    ) -> Result<Response<Bytes>, ServiceError> {
        let attempts = async {
            for attempt in 1..MAX_ATTEMPTS {
                let result = self.attempt(request, is_read).await;
                if !is_transient(&result) {
                    return result;
                }
                sleep(retry_pause(attempt)).await;
            }
            self.attempt(request, is_read).await
        };
        timeout(self.timeouts.operation, attempts).await.unwrap_or(Err(ServiceError::Timeout))
    }

    async fn attempt(
        &self,
        request: &Request<Bytes>,
        is_read: fn(StatusCode) -> bool,
    ) -> Result<Response<Bytes>, ServiceError> {
        let mut request = request.clone();
        if let Some(signer) = &self.signer {
            // Each attempt has a signature of its own, because a signature contains the time.
            let signed = signer.authorize(&mut request, SystemTime::now());
            signed.map_err(|error| ServiceError::Invalid(error.into()))?;
        }
        let answer = async {
            let response = self.http.request(request.map(Full::new)).await;
            read(response.map_err(|error| connection_error("no connection", error))?, is_read).await
        };
        timeout(self.timeouts.attempt, answer).await.unwrap_or(Err(ServiceError::Timeout))
    }
}

async fn read(
    response: Response<Incoming>,
    is_read: fn(StatusCode) -> bool,
) -> Result<Response<Bytes>, ServiceError> {
    let (head, body) = response.into_parts();
    let body = if is_read(head.status) {
        let body = Limited::new(body, MAX_BODY_BYTES).collect().await;
        body.map_err(|error| connection_error("the answer broke off", error))?.to_bytes()
    } else {
        Bytes::new()
    };
    Ok(Response::from_parts(head, body))
}

fn connection_error(what: &'static str, source: impl Into<Source>) -> ServiceError {
    ServiceError::Connection { what, source: source.into() }
}

/// Returns true if another attempt may succeed, because the service has an internal error, is overloaded, or
/// did not answer. A request that cannot be signed is not retried.
fn is_transient(result: &Result<Response<Bytes>, ServiceError>) -> bool {
    match result {
        Ok(response) => match response.status() {
            StatusCode::TOO_MANY_REQUESTS => true,
            // Services with JSON, such as Secrets Manager, have no status of their own for it.
            StatusCode::BAD_REQUEST => {
                str::from_utf8(response.body()).is_ok_and(|body| body.contains(THROTTLED))
            }
            status => status.is_server_error(),
        },
        Err(error) => !matches!(error, ServiceError::Invalid(_)),
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

    #[test]
    fn only_transient_errors_are_retried() {
        for (status, again) in
            [(200, false), (403, false), (404, false), (429, true), (500, true), (503, true)]
        {
            let response = Response::builder().status(status).body(Bytes::new()).unwrap();
            assert_eq!(is_transient(&Ok(response)), again, "{status}");
        }
        for (code, again) in [("ThrottlingException", true), ("InvalidParameterException", false)] {
            let body = format!(r#"{{"__type": "com.amazonaws#{code}", "message": "no"}}"#);
            let response = Response::builder().status(400).body(body.into()).unwrap();
            assert_eq!(is_transient(&Ok(response)), again, "{code}");
        }
        assert!(is_transient(&Err(ServiceError::Timeout)));
        assert!(!is_transient(&Err(ServiceError::Invalid("the URL is not one".into()))));
    }
}
