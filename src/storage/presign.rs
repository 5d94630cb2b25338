//! Presigned URLs: requests signed in their query (AWS Signature Version 4). The SDK signs by preparing a
//! whole request that is never sent, which takes three times the CPU time and most of a megabyte of program.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use percent_encoding::utf8_percent_encode;

use time::OffsetDateTime;

use super::{ObjectKey, Presigned};
use crate::aws::RESERVED;
use crate::{Error, Result, config};

/// Signs requests to one bucket, at the endpoint that browsers reach.
pub(super) struct Presigner {
    credentials: Credentials,
    region: String,
    /// The bucket's URL.
    bucket: String,
}

impl Presigner {
    pub(super) fn new(config: &config::Storage) -> Self {
        let config::Aws { region, credentials } = config.aws.clone();
        let bucket = match &config.public_endpoint {
            Some(endpoint) => format!("{}/{}", endpoint.trim_end_matches('/'), config.bucket),
            None => at_aws(&region, &config.bucket),
        };
        Self { credentials, region, bucket }
    }

    /// Signs a request that is valid from `from` on for `lifetime`, with exactly these headers.
    pub(super) fn sign(
        &self,
        method: &'static str,
        key: &ObjectKey,
        query: &[(&str, &str)],
        headers: BTreeMap<String, String>,
        from: OffsetDateTime,
        lifetime: Duration,
    ) -> Result<Presigned> {
        // An object key needs no escapes: it has only letters, digits, dashes, dots and slashes.
        let mut url = format!("{}/{key}", self.bucket);
        append(&mut url, query.iter().copied());
        // The time in a signature has whole seconds.
        let from = from.truncate_to_second();
        let url = self.signed(method, url, &headers, lifetime, from)?;
        Ok(Presigned { url, headers, expires_at: from + lifetime })
    }

    fn signed(
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
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(from.into())
            .settings(settings(lifetime))
            .build()
            .map_err(Error::internal)?
            .into();
        let (instructions, _) = sign(request, &parameters).map_err(Error::internal)?.into_parts();
        append(&mut url, instructions.params().iter().map(|(name, value)| (*name, Cow::as_ref(value))));
        Ok(url)
    }
}

/// S3 wants the path signed as it is.
fn settings(lifetime: Duration) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(lifetime);
    settings
}

/// The URL of a bucket at AWS. A name with dots stands in the path: the certificate covers only one label of
/// the host.
fn at_aws(region: &str, bucket: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    if bucket.contains('.') {
        format!("https://s3.{region}.{suffix}/{bucket}")
    } else {
        format!("https://{bucket}.s3.{region}.{suffix}")
    }
}

fn append<'a>(url: &mut String, query: impl Iterator<Item = (&'a str, &'a str)>) {
    for (name, value) in query {
        let separator = if url.contains('?') { '&' } else { '?' };
        url.push(separator);
        url.extend(utf8_percent_encode(name, RESERVED));
        url.push('=');
        url.extend(utf8_percent_encode(value, RESERVED));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example in AWS's documentation of presigned URLs.
    #[test]
    fn a_signature_is_the_one_that_aws_expects() {
        let presigner = Presigner {
            credentials: Credentials::new(
                "AKIAIOSFODNN7EXAMPLE",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                None,
                None,
                "test",
            ),
            region: "us-east-1".into(),
            bucket: String::new(),
        };
        let url = "https://examplebucket.s3.amazonaws.com/test.txt".to_owned();
        let then = OffsetDateTime::from_unix_timestamp(1_369_353_600).unwrap();
        let day = Duration::from_secs(86_400);
        let signed = presigner.signed("GET", url, &BTreeMap::new(), day, then).unwrap();
        let signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        assert!(signed.contains(&format!("X-Amz-Signature={signature}")), "{signed}");
        assert!(
            signed
                .contains("X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request")
        );
    }

    #[test]
    fn a_bucket_is_a_host_of_its_region_unless_its_name_has_dots() {
        assert_eq!(at_aws("eu-west-1", "vault"), "https://vault.s3.eu-west-1.amazonaws.com");
        assert_eq!(at_aws("eu-west-1", "my.vault"), "https://s3.eu-west-1.amazonaws.com/my.vault");
        assert_eq!(at_aws("cn-north-1", "vault"), "https://vault.s3.cn-north-1.amazonaws.com.cn");
    }
}
