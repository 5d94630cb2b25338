//! URLs of objects, and presigned requests about one object.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sigv4::http_request::SignableBody;
use time::OffsetDateTime;

use super::{ObjectKey, Presigned};
use crate::aws::{self, Signer, Validity, append_query};
use crate::{Result, config};

/// Signs URLs of objects in one bucket at one endpoint.
pub(super) struct Presigner {
    signer: Signer,
    bucket_url: String,
}

impl Presigner {
    /// Creates a signer for the bucket at `endpoint`, or at AWS if it is `None`.
    pub(super) fn new(config: &config::StorageConfig, endpoint: Option<&str>) -> Self {
        Self { signer: Signer::new(&config.aws, aws::S3), bucket_url: bucket_url(config, endpoint) }
    }

    /// Signs a URL for a request with exactly these headers. It is valid from the time `from`, for
    /// `lifetime`.
    pub(super) fn presign(
        &self,
        method: &'static str,
        key: &ObjectKey,
        query: &[(&str, &str)],
        headers: BTreeMap<String, String>,
        from: OffsetDateTime,
        lifetime: Duration,
    ) -> Result<Presigned> {
        let mut url = object_url(&self.bucket_url, key);
        append_query(&mut url, query.iter().copied());
        // A signature has its time in whole seconds.
        let validity = Validity { from: from.truncate_to_second(), lifetime };
        let url = self.signer.presign(method, url, &headers, SignableBody::UnsignedPayload, validity)?;
        Ok(Presigned { url, headers, expires_at: validity.from + lifetime })
    }
}

/// Returns the URL of an object. Keys contain only letters, digits, dashes, dots and slashes, so nothing must
/// be escaped.
pub(super) fn object_url(bucket_url: &str, key: &ObjectKey) -> String {
    format!("{bucket_url}/{key}")
}

/// Returns the URL of the bucket at `endpoint`, or at AWS if it is `None`, without a slash at its end.
pub(super) fn bucket_url(config: &config::StorageConfig, endpoint: Option<&str>) -> String {
    match endpoint {
        Some(endpoint) => format!("{}/{}", endpoint, config.bucket),
        None => aws_bucket_url(&config.aws.region, &config.bucket),
    }
}

/// Returns the URL of a bucket at AWS. The name is a part of the host, but a name with dots is in the path:
/// the certificate covers only one label of the host.
fn aws_bucket_url(region: &str, bucket: &str) -> String {
    let domain = aws::domain(region);
    if bucket.contains('.') {
        format!("https://s3.{region}.{domain}/{bucket}")
    } else {
        format!("https://{bucket}.s3.{region}.{domain}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_is_in_the_host_unless_its_name_has_dots() {
        assert_eq!(aws_bucket_url("eu-west-1", "vault"), "https://vault.s3.eu-west-1.amazonaws.com");
        assert_eq!(aws_bucket_url("eu-west-1", "my.vault"), "https://s3.eu-west-1.amazonaws.com/my.vault");
        assert_eq!(aws_bucket_url("cn-north-1", "vault"), "https://vault.s3.cn-north-1.amazonaws.com.cn");
    }
}
