//! The requests of confirmations and deletions, which are about one object and have no body. They are sent
//! without the SDK (`aws::Client`). The SDK sends all other requests.

use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use super::sign::{bucket_url, object_url};
use super::{ObjectKey, storage_error};
use crate::aws::{self, ServiceError, Signer};
use crate::limits::sdk::STORE;
use crate::{Error, Result, config};

/// The headers with the id that a store gives to a request: S3 and MinIO use the first, other stores the
/// second. The SDK reads both, too.
const REQUEST_IDS: [&str; 2] = ["x-amz-request-id", "x-amzn-requestid"];

/// The name of a header in lower case, and its value.
type Header = (&'static str, &'static str);

/// A response of the store.
pub(super) struct StoreResponse(Response<Bytes>);

/// A client for the objects of one bucket.
pub(super) struct Client {
    client: aws::Client,
    bucket_url: String,
}

impl Client {
    /// Creates a client. It connects at the first request.
    pub(super) fn new(config: &config::StorageConfig) -> Self {
        let bucket_url = bucket_url(config, config.endpoint.as_deref());
        let signer = Signer::new(&config.aws, aws::S3);
        Self { client: aws::Client::new(Some(signer), &bucket_url, STORE), bucket_url }
    }

    /// Sends a request about an object, and returns the response, whatever its status.
    ///
    /// # Errors
    /// [`Error::Storage`] if there was no response, or if it is not the store's own.
    pub(super) async fn send(
        &self,
        method: &Method,
        key: &ObjectKey,
        header: Option<Header>,
    ) -> Result<StoreResponse> {
        let request = self.request(method, key, header)?;
        // The body of every response except 200 is read, because a connection with an unread body cannot be
        // used again. A 200 may contain the whole object, which is not read.
        let response = self.client.send(&request, |status| status != StatusCode::OK).await;
        let answer = StoreResponse(response.map_err(storage_error)?);
        if answer.is_from_store() { Ok(answer) } else { Err(answer.to_error()) }
    }

    fn request(&self, method: &Method, key: &ObjectKey, header: Option<Header>) -> Result<Request<Bytes>> {
        let url = object_url(&self.bucket_url, key);
        let request = Request::builder().method(method).uri(url).body(Bytes::new());
        let mut request = request.map_err(Error::internal)?;
        let header =
            header.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        request.headers_mut().extend(header);
        Ok(request)
    }
}

impl StoreResponse {
    /// The HTTP status.
    pub(super) fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// The value of a header, if it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name)?.to_str().ok()
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
        self.status() == StatusCode::NOT_FOUND && self.code() == Some("NoSuchKey")
    }

    /// The code in the body of an error response.
    fn code(&self) -> Option<&str> {
        let (_, rest) = str::from_utf8(self.0.body()).ok()?.split_once("<Code>")?;
        Some(rest.split_once("</Code>")?.0)
    }

    /// Converts an error response into an error with the status, the code and the store's id of the request.
    /// The store's message is left out, because it may contain the object key.
    pub(super) fn to_error(&self) -> Error {
        let refusal = ServiceError::from_refusal(self.status().as_u16(), self.code(), self.request_id());
        storage_error(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_no_such_key_means_that_there_is_no_object() {
        for (status, body, absent) in [
            (404, "<Error><Code>NoSuchKey</Code></Error>", true),
            (404, "<Error><Code>NoSuchBucket</Code></Error>", false),
            (404, "default backend - 404", false),
            (404, "", false),
            (403, "<Error><Code>NoSuchKey</Code></Error>", false),
        ] {
            let answer = StoreResponse(Response::builder().status(status).body(body.into()).unwrap());
            assert_eq!(answer.is_no_such_key(), absent, "{status} {body}");
        }
    }
}
