//! TLS for Postgres, the store, the queue and the providers, with rustls and aws-lc-rs.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hyper::body::Body;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};

/// An HTTP/1.1 client, with or without TLS. `B` is the type of request bodies.
pub type HttpClient<B> = Client<HttpsConnector<HttpConnector>, B>;

/// Returns a TLS configuration that trusts these root certificates and sends no client certificate.
pub fn client_config(roots: RootCertStore) -> ClientConfig {
    #[expect(clippy::expect_used, reason = "fails only for a provider without suites of these versions")]
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs has suites of TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Returns a connector for HTTP/1.1 connections to `url`. They use TLS unless the URL begins with `http://`;
/// root certificates are read only for TLS. `None` as `connect_timeout` means no limit.
pub fn connector(url: &str, connect_timeout: Option<Duration>) -> HttpsConnector<HttpConnector> {
    let mut tcp = HttpConnector::new();
    tcp.set_connect_timeout(connect_timeout);
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    let tls = if url.starts_with("http://") {
        client_config(RootCertStore::empty())
    } else {
        shared_client_config()
    };
    HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp)
}

/// Returns an HTTP client for requests to `url`. It keeps connections open for further requests.
pub fn http_client<B>(url: &str, connect_timeout: Option<Duration>) -> HttpClient<B>
where
    B: Body<Data: Send> + Send,
{
    let connector = connector(url, connect_timeout);
    Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector)
}

/// Returns the TLS configuration that all clients of the process share: root certificates are read once, and
/// TLS sessions are resumed.
fn shared_client_config() -> ClientConfig {
    static CLIENT: OnceLock<ClientConfig> = OnceLock::new();
    CLIENT.get_or_init(|| client_config(load_system_roots())).clone()
}

/// Reads the system's root certificates, or those in the file that `SSL_CERT_FILE` names, such as the
/// certificates of RDS. This takes some milliseconds.
pub fn load_system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}
