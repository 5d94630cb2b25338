//! TLS towards Postgres, the store and the queue: rustls on aws-lc-rs, one stack for all.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};

/// Trusts these roots and presents no certificate.
pub fn client(roots: RootCertStore) -> ClientConfig {
    #[expect(clippy::expect_used, reason = "fails only for a provider without suites of these versions")]
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs has suites of TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// The system's roots; `SSL_CERT_FILE` names others, such as those of RDS. Reading them takes milliseconds.
pub fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}
