//! The common parts of the clients of AWS's services: the configuration of the SDK, the HTTP client that the
//! SDK uses, requests and signatures without the SDK, and the description of errors. The SDK's HTTP client is
//! created at the first request. It speaks HTTP/1.1, as S3 and SQS do, over the same TLS library as the
//! connection to Postgres.

mod client;
mod service_error;
mod sign;

use std::error::Error;
use std::sync::OnceLock;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_types::retry::{ErrorKind, RetryConfig};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use crate::limits::sdk::{CONNECT_TIMEOUT, MAX_ATTEMPTS, Timeouts};
use crate::{config, tls};

pub use client::Client;
pub use service_error::ServiceError;
pub use sign::{S3, Signer, Validity, append_query};

/// The characters that signed URLs escape: all except the unreserved characters of RFC 3986.
pub const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns the domain in which AWS's services have their hosts in this region.
pub fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// Returns the configuration of a client of S3 or SQS at `endpoint`, or at AWS if it is `None`.
pub fn sdk_config(aws: &config::AwsConfig, endpoint: Option<&str>, timeouts: Timeouts) -> SdkConfig {
    let mut sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(aws.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(aws.credentials.clone()))
        .http_client(http_client(endpoint))
        // Checksums are sent only if an operation of S3 requires them, because MinIO does not know them all.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_attempt_timeout(timeouts.attempt)
                .operation_timeout(timeouts.operation)
                .build(),
        );
    sdk.set_endpoint_url(endpoint.map(str::to_owned));
    sdk.build()
}

/// Returns an HTTP client for requests to `endpoint`. The SDK's own client includes HTTP/2 and proxies, which
/// the vault does not use and which make every zip half a megabyte larger. It also reads all root
/// certificates of the system when a function starts.
fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    let url = endpoint.unwrap_or("https://").to_owned();
    let connector = OnceLock::new();
    http_client_fn(move |settings, _| {
        connector.get_or_init(|| SharedHttpConnector::new(Connector::new(settings, &url))).clone()
    })
}

/// The HTTP status of the response, if there was a response.
pub fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

#[derive(Debug)]
struct Connector(tls::HttpClient<SdkBody>);

impl Connector {
    fn new(settings: &HttpConnectorSettings, url: &str) -> Self {
        Self(tls::http_client(url, settings.connect_timeout()))
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let answer = self.0.request(request);
        HttpConnectorFuture::new(async {
            let response = answer.await.map_err(to_connector_error)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Converts an error of the HTTP client, so that the SDK retries if the connection failed or broke, but not
/// if the request itself was wrong.
fn to_connector_error(error: hyper_util::client::legacy::Error) -> ConnectorError {
    let broken = error.is_connect() || error_chain(&error).any(|cause| cause.is::<std::io::Error>());
    let cut_short = error_chain(&error)
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(|error| error.is_closed() || error.is_canceled() || error.is_incomplete_message());
    if broken {
        ConnectorError::io(error.into())
    } else {
        ConnectorError::other(error.into(), cut_short.then_some(ErrorKind::TransientError))
    }
}

/// Iterates over an error and its sources.
fn error_chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
