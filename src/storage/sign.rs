//! Signatures of requests about one object (AWS Signature Version 4): in the query of presigned URLs, and in
//! the headers of requests that the vault sends. The SDK signs by preparing a whole request. This takes three
//! times the CPU time, and makes the program almost a megabyte larger.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningInstructions, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use percent_encoding::utf8_percent_encode;
use time::OffsetDateTime;

use super::{ObjectKey, Presigned};
use crate::aws::ESCAPED;
use crate::{Error, Result, config};

/// Signs requests to one bucket at one endpoint.
pub(super) struct Signer {
    identity: Identity,
    region: String,
    /// The URL of the bucket, without a slash at its end.
    bucket: String,
}

impl Signer {
    /// Creates a signer for the bucket at `endpoint`, or at AWS if it is `None`.
    pub(super) fn new(config: &config::StorageConfig, endpoint: Option<&str>) -> Self {
        let config::AwsConfig { region, credentials } = config.aws.clone();
        let bucket = match endpoint {
            Some(endpoint) => format!("{}/{}", endpoint, config.bucket),
            None => aws_bucket_url(&region, &config.bucket),
        };
        Self { identity: credentials.into(), region, bucket }
    }

    /// Returns the URL of an object. Keys contain only letters, digits, dashes, dots and slashes, so nothing
    /// must be escaped.
    pub(super) fn url(&self, key: &ObjectKey) -> String {
        format!("{}/{key}", self.bucket)
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
        let mut url = self.url(key);
        append_query(&mut url, query.iter().copied());
        // A signature has its time in whole seconds.
        let from = from.truncate_to_second();
        let url = self.presigned(method, url, &headers, lifetime, from)?;
        Ok(Presigned { url, headers, expires_at: from + lifetime })
    }

    fn presigned(
        &self,
        method: &'static str,
        mut url: String,
        headers: &BTreeMap<String, String>,
        lifetime: Duration,
        from: OffsetDateTime,
    ) -> Result<String> {
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let request = SignableRequest::new(method, url.as_str(), pairs, SignableBody::UnsignedPayload)
            .map_err(Error::internal)?;
        let mut settings = signing_settings(SignatureLocation::QueryParams);
        settings.expires_in = Some(lifetime);
        let instructions = self.sign(request, settings, from)?;
        append_query(&mut url, instructions.params().iter().map(|(name, value)| (*name, Cow::as_ref(value))));
        Ok(url)
    }

    /// Signs a request without a body, and all of its headers. The signature becomes another header.
    pub(super) fn authorize<B>(&self, request: &mut hyper::Request<B>) -> Result<()> {
        let (method, url) = (request.method().as_str(), request.uri().to_string());
        let headers = request.headers().iter();
        let pairs = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable =
            SignableRequest::new(method, url, pairs, SignableBody::empty()).map_err(Error::internal)?;
        let mut settings = signing_settings(SignatureLocation::Headers);
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        self.sign(signable, settings, OffsetDateTime::now_utc())?.apply_to_request_http1x(request);
        Ok(())
    }

    fn sign(
        &self,
        request: SignableRequest<'_>,
        settings: SigningSettings,
        now: OffsetDateTime,
    ) -> Result<SigningInstructions> {
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name("s3")
            .time(now.into())
            .settings(settings)
            .build()
            .map_err(Error::internal)?
            .into();
        Ok(sign(request, &parameters).map_err(Error::internal)?.into_parts().0)
    }
}

/// Returns the settings of signatures for S3. S3 differs from other services: the path is escaped once and
/// not twice, and is not normalized.
fn signing_settings(location: SignatureLocation) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.signature_location = location;
    settings
}

/// Returns the URL of a bucket at AWS. The name is a part of the host, but a name with dots is in the path:
/// the certificate covers only one label of the host.
fn aws_bucket_url(region: &str, bucket: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    if bucket.contains('.') {
        format!("https://s3.{region}.{suffix}/{bucket}")
    } else {
        format!("https://{bucket}.s3.{region}.{suffix}")
    }
}

fn append_query<'a>(url: &mut String, query: impl Iterator<Item = (&'a str, &'a str)>) {
    for (name, value) in query {
        let separator = if url.contains('?') { '&' } else { '?' };
        url.push(separator);
        url.extend(utf8_percent_encode(name, ESCAPED));
        url.push('=');
        url.extend(utf8_percent_encode(value, ESCAPED));
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;

    use super::*;

    /// Compares a signature with the example in AWS's documentation of presigned URLs.
    #[test]
    fn a_signature_is_the_one_that_aws_expects() {
        let (id, secret) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let identity = Credentials::new(id, secret, None, None, "test").into();
        let signer = Signer { identity, region: "us-east-1".into(), bucket: String::new() };
        let url = "https://examplebucket.s3.amazonaws.com/test.txt".to_owned();
        let then = OffsetDateTime::from_unix_timestamp(1_369_353_600).unwrap();
        let day = Duration::from_secs(86_400);
        let signed = signer.presigned("GET", url, &BTreeMap::new(), day, then).unwrap();
        let signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        assert!(signed.contains(&format!("X-Amz-Signature={signature}")), "{signed}");
        assert!(
            signed
                .contains("X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request")
        );
    }

    #[test]
    fn the_bucket_is_in_the_host_unless_its_name_has_dots() {
        assert_eq!(aws_bucket_url("eu-west-1", "vault"), "https://vault.s3.eu-west-1.amazonaws.com");
        assert_eq!(aws_bucket_url("eu-west-1", "my.vault"), "https://s3.eu-west-1.amazonaws.com/my.vault");
        assert_eq!(aws_bucket_url("cn-north-1", "vault"), "https://vault.s3.cn-north-1.amazonaws.com.cn");
    }
}
