//! Passwords that are known from breaches. The service Have I Been Pwned has a list of them. It is asked by
//! k-anonymity: it gets the first five digits of a hash only, and answers all hashes that begin with them.

use std::sync::OnceLock;

use hyper::body::Bytes;
use hyper::header::USER_AGENT;
use hyper::{Request, StatusCode};
use sha1::{Digest as _, Sha1};

use super::compose;
use crate::aws::Client;
use crate::error::{Source, chain};
use crate::limits::sdk::BREACHES;

/// The number of a hash's hexadecimal digits that the service gets.
const PREFIX_LENGTH: usize = 5;

/// The number of digits of a hash (SHA-1).
const HASH_LENGTH: usize = 40;

/// Asks the service. The client is created by the first question, because it reads root certificates.
pub(super) struct Breaches {
    client: OnceLock<Client>,
    url: String,
}

impl Breaches {
    /// Describes the service at this URL.
    pub(super) const fn new(url: String) -> Self {
        Self { client: OnceLock::new(), url }
    }

    /// Returns true if the service knows the password. If the service does not answer in time or as expected,
    /// this is logged, and the result is false: nobody should be unable to register because of it.
    pub(super) async fn have(&self, password: &str) -> bool {
        match self.find(password).await {
            Ok(known) => known,
            Err(error) => {
                let error = chain(&*error);
                tracing::warn!(
                    metric.unchecked_passwords = 1,
                    error,
                    "a password was not compared with known breaches"
                );
                false
            }
        }
    }

    async fn find(&self, password: &str) -> Result<bool, Source> {
        let hash = hex::encode_upper(Sha1::digest(compose(password)));
        let (prefix, suffix) = hash.split_at(PREFIX_LENGTH);
        // Without padding, the size of the answer would tell an eavesdropper which prefix was asked for.
        let request = Request::get(format!("{}/range/{prefix}", self.url))
            .header("add-padding", "true")
            .header(USER_AGENT, concat!("DocuVault/", env!("CARGO_PKG_VERSION")))
            .body(Bytes::new())?;
        let client = self.client.get_or_init(|| Client::new(None, &self.url, BREACHES));
        let answer = client.send(&request, |_| true).await?;
        if answer.status() != StatusCode::OK {
            return Err(format!("the service answered {}", answer.status()).into());
        }
        has_suffix(str::from_utf8(answer.body())?, suffix)
    }
}

/// Returns true if a line has this suffix, and a count that is not 0: padding consists of lines with the
/// count 0.
///
/// # Errors
/// The answer has no lines, or lines of another form. It does not come from the service then.
fn has_suffix(answer: &str, wanted: &str) -> Result<bool, Source> {
    let mut found = None;
    for line in answer.lines() {
        let (suffix, count) = line.split_once(':').ok_or("the service answered a line without a count")?;
        if suffix.len() != HASH_LENGTH - PREFIX_LENGTH || !suffix.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err("the service answered a line without a hash".into());
        }
        let count: u64 =
            count.trim().parse().map_err(|_| "the service answered a count that is no number")?;
        found = Some(found == Some(true) || count > 0 && suffix.eq_ignore_ascii_case(wanted));
    }
    found.ok_or_else(|| "the service answered nothing".into())
}

#[cfg(test)]
mod tests {
    use super::has_suffix;

    const SUFFIX: &str = "0018A45C4D1DEF81644B54AB7F969B88D65";

    #[test]
    fn a_line_with_a_count_is_a_known_password() {
        let other = "00D4F6E8FA6EECAD2A3AA415EEC418D38EC:2";
        for answer in [
            format!("{SUFFIX}:1"),
            format!("{other}\r\n{SUFFIX}:37615252\r\n"),
            format!("{}:3\n{other}\n", SUFFIX.to_lowercase()),
        ] {
            assert!(has_suffix(&answer, SUFFIX).unwrap(), "{answer}");
        }
        for answer in [other.to_owned(), format!("{other}\r\n{SUFFIX}:0")] {
            assert!(!has_suffix(&answer, SUFFIX).unwrap(), "{answer}");
        }
    }

    #[test]
    fn an_answer_of_another_form_is_an_error() {
        for answer in [
            "",
            "<html>\n<body>Sign in to this network</body>",
            &format!("{SUFFIX}:many"),
            &format!("{SUFFIX}:1\n\n{SUFFIX}:2"),
            &format!("{SUFFIX}0:1"),
            &format!("{SUFFIX}:-1"),
            "{}",
        ] {
            assert!(has_suffix(answer, SUFFIX).is_err(), "{answer}");
        }
    }
}
