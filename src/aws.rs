//! The HTTP client under the AWS SDK, built when the first request needs it.

use std::sync::OnceLock;

use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::{HttpClient as _, SharedHttpClient, http_client_fn};

/// A client for `endpoint` (none: AWS). The SDK's own default reads every root certificate of the system while a client is
/// constructed, which is most of a function's init; presigning needs none of it, and plain HTTP never does.
pub fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    let plain = endpoint.is_some_and(|url| url.starts_with("http://"));
    let client = OnceLock::new();
    http_client_fn(move |settings, components| {
        client.get_or_init(|| build(plain)).http_connector(settings, components)
    })
}

fn build(plain: bool) -> SharedHttpClient {
    if plain {
        return Builder::new().build_http();
    }
    Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc)).build_https()
}
