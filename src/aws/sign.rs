//! AWS Signature Version 4: in the query of presigned URLs, and in the headers of requests that the vault
//! sends. The SDK signs by preparing a whole request. This takes three times the CPU time, and makes the
//! program almost a megabyte larger.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningInstructions, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use hyper::Request;
use hyper::body::Bytes;
use percent_encoding::utf8_percent_encode;
use time::OffsetDateTime;

use super::ESCAPED;
use crate::{Error, Result, config};

/// The name of S3 in signatures.
pub const S3: &str = "s3";

/// The time of a presigned URL's signature, and for how long the URL is valid from then on.
#[derive(Clone, Copy)]
pub struct Validity {
    /// The time of the signature, in whole seconds.
    pub from: OffsetDateTime,
    /// The lifetime of the URL.
    pub lifetime: Duration,
}

/// Signs requests to one service of AWS.
pub struct Signer {
    identity: Identity,
    region: String,
    service: &'static str,
}

impl Signer {
    /// Creates a signer for the service with this name in signatures, such as [`S3`].
    pub fn new(aws: &config::AwsConfig, service: &'static str) -> Self {
        Self { identity: aws.credentials.clone().into(), region: aws.region.clone(), service }
    }

    /// Signs a URL for a request with exactly these headers and this body. The signature becomes a part of
    /// the URL's query.
    pub fn presign(
        &self,
        method: &'static str,
        mut url: String,
        headers: &BTreeMap<String, String>,
        body: SignableBody<'_>,
        validity: Validity,
    ) -> Result<String> {
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let request = SignableRequest::new(method, url.as_str(), pairs, body).map_err(Error::internal)?;
        let mut settings = self.settings(SignatureLocation::QueryParams);
        settings.expires_in = Some(validity.lifetime);
        let instructions = self.sign(request, settings, validity.from.into())?;
        append_query(&mut url, instructions.params().iter().map(|(name, value)| (*name, Cow::as_ref(value))));
        Ok(url)
    }

    /// Signs a request with its body and all of its headers. The signature becomes another header.
    pub fn authorize(&self, request: &mut Request<Bytes>, now: SystemTime) -> Result<()> {
        let (method, url) = (request.method().as_str(), request.uri().to_string());
        let headers = request.headers().iter();
        let pairs = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let body = SignableBody::Bytes(request.body());
        let signable = SignableRequest::new(method, url, pairs, body).map_err(Error::internal)?;
        let mut settings = self.settings(SignatureLocation::Headers);
        if self.service == S3 {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        self.sign(signable, settings, now)?.apply_to_request_http1x(request);
        Ok(())
    }

    /// Returns the settings of signatures. S3 differs from other services: the path is escaped once and not
    /// twice, and is not normalized.
    fn settings(&self, location: SignatureLocation) -> SigningSettings {
        let mut settings = SigningSettings::default();
        settings.signature_location = location;
        if self.service == S3 {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        settings
    }

    fn sign(
        &self,
        request: SignableRequest<'_>,
        settings: SigningSettings,
        now: SystemTime,
    ) -> Result<SigningInstructions> {
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(self.service)
            .time(now)
            .settings(settings)
            .build()
            .map_err(Error::internal)?
            .into();
        Ok(sign(request, &parameters).map_err(Error::internal)?.into_parts().0)
    }
}

/// Appends parameters to the query of a URL, and escapes them.
pub fn append_query<'a>(url: &mut String, query: impl Iterator<Item = (&'a str, &'a str)>) {
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

    fn signer(id: &str, secret: &str, session: Option<&str>, service: &'static str) -> Signer {
        let credentials = Credentials::new(id, secret, session.map(str::to_owned), None, "test");
        Signer::new(&config::AwsConfig { region: "us-east-1".into(), credentials }, service)
    }

    /// Compares a signature with the example in AWS's documentation of presigned URLs.
    #[test]
    fn a_presigned_url_is_the_one_that_aws_expects() {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let signer = signer("AKIAIOSFODNN7EXAMPLE", secret, None, S3);
        let url = "https://examplebucket.s3.amazonaws.com/test.txt".to_owned();
        let from = OffsetDateTime::from_unix_timestamp(1_369_353_600).unwrap();
        let validity = Validity { from, lifetime: Duration::from_secs(86_400) };
        let body = SignableBody::UnsignedPayload;
        let signed = signer.presign("GET", url, &BTreeMap::new(), body, validity).unwrap();
        let signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        assert!(signed.contains(&format!("X-Amz-Signature={signature}")), "{signed}");
        assert!(
            signed
                .contains("X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request")
        );
    }

    /// The expected signature is from botocore.
    #[test]
    fn a_signed_request_is_the_one_that_aws_expects() {
        let signer = signer("AKIDEXAMPLE", "secret", Some("session"), "secretsmanager");
        let mut request = Request::post("https://secretsmanager.us-east-1.amazonaws.com/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "secretsmanager.GetSecretValue")
            .body(Bytes::from_static(br#"{"SecretId":"a","VersionStage":"AWSCURRENT"}"#))
            .unwrap();
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
        signer.authorize(&mut request, then).unwrap();
        assert_eq!(request.headers()["x-amz-date"], "20260102T030405Z");
        assert_eq!(
            request.headers()["authorization"],
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/secretsmanager/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, \
             Signature=53439f52f4b6ad84a69edf37afc4fe884257bc6c792ed9d565e53b517e1839f3"
        );
    }
}
