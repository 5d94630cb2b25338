//! The origins of the pages that may use sessions.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::Uri;

use super::{ConfigError, Result, read_required};

/// The origins of the pages that may use sessions, such as `https://vault.example.com`.
#[derive(Clone, Debug)]
pub struct WebOrigins(Arc<[String]>);

impl WebOrigins {
    /// Reads `WEB_ORIGINS`: one or more origins, separated by commas.
    pub fn from_env() -> Result<Self> {
        let variable = "WEB_ORIGINS";
        let text = read_required(variable, "the origin of the page, such as https://vault.example.com")?;
        Self::parse(&text).ok_or_else(|| ConfigError {
            variable,
            problem: "is not a list of origins: set it to origins such as https://vault.example.com, \
                      separated by commas, without a path"
                .into(),
        })
    }

    /// Parses a list of origins. `None` if one of them is malformed, or not written as browsers write it.
    pub fn parse(text: &str) -> Option<Self> {
        let origins: Vec<_> = text.split(',').map(|origin| origin.trim().to_owned()).collect();
        origins.iter().all(|origin| is_origin(origin)).then(|| Self(origins.into()))
    }

    /// Returns the origins.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Returns true if pages of this origin may use sessions.
    pub fn contain(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }

    /// Returns true if all pages are on this machine and reached by plain HTTP. Not all browsers accept
    /// `Secure` cookies from such a page.
    pub fn are_local(&self) -> bool {
        self.0.iter().all(|origin| is_local(origin))
    }
}

fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return false;
    };
    let text_of = format!("{scheme}://{authority}");
    text == text_of && !authority.as_str().contains('@') && text == text.to_lowercase()
}

fn is_local(origin: &str) -> bool {
    let uri: Option<Uri> = origin.parse().ok();
    let host = uri.as_ref().filter(|uri| uri.scheme_str() == Some("http")).and_then(Uri::host);
    host.map(|host| host.trim_matches(['[', ']'])).is_some_and(|host| {
        host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_contains_exactly_its_origins() {
        let origins = WebOrigins::parse("https://vault.example.com, http://localhost:5173").unwrap();
        assert!(origins.contain("https://vault.example.com") && origins.contain("http://localhost:5173"));
        for other in [
            "null",
            "",
            "http://vault.example.com",
            "https://vault.example.com:8443",
            "https://vault.example.com/",
            "https://VAULT.example.com",
            "https://evil-vault.example.com",
            "https://vault.example.com.evil.example",
            "https://vault.example.com, http://localhost:5173",
        ] {
            assert!(!origins.contain(other), "{other}");
        }
    }

    #[test]
    fn a_malformed_list_is_refused() {
        for wrong in [
            "",
            "*",
            "null",
            "vault.example.com",
            "https://vault.example.com/",
            "https://a,",
            "ftp://a",
            "https://A.example",
            "https://user@a.example",
            "https://a.example?x",
            "https://",
        ] {
            assert!(WebOrigins::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn only_pages_on_this_machine_by_plain_http_are_local() {
        for local in ["http://localhost:5173", "http://127.0.0.1", "http://[::1]:3000,http://localhost"] {
            assert!(WebOrigins::parse(local).unwrap().are_local(), "{local}");
        }
        for other in [
            "https://localhost",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "http://localhost,https://vault.example.com",
            "http://127.0.0.1.example.com",
        ] {
            assert!(!WebOrigins::parse(other).unwrap().are_local(), "{other}");
        }
    }
}
