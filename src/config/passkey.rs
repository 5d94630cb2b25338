//! The settings of passkeys.

use std::net::Ipv4Addr;

use hyper::Uri;

use super::{ConfigError, Result, WebOrigins, read_optional};

/// The settings of passkeys. A browser gives a passkey only to pages of the domain for which it was made.
#[derive(Clone, Debug)]
pub struct PasskeyConfig {
    /// `PASSKEY_DOMAIN`: the domain. A change of it makes all passkeys useless. Default: the host of the
    /// first origin in `WEB_ORIGINS` whose host is a name.
    pub domain: String,
    /// Those of `WEB_ORIGINS` that are in the domain. Pages of the others cannot use passkeys.
    pub origins: Vec<String>,
}

impl PasskeyConfig {
    /// Reads `PASSKEY_DOMAIN`.
    ///
    /// # Errors
    /// None of the origins is in the domain. The host of a page that uses passkeys is a name, and no address.
    pub fn from_env(origins: &WebOrigins) -> Result<Self> {
        let variable = "PASSKEY_DOMAIN";
        Self::new(read_optional(variable)?.as_deref(), origins).ok_or_else(|| ConfigError {
            variable,
            problem:
                "is not the domain of an origin in WEB_ORIGINS: set it to the host of the page, or to a \
                      domain above it, such as example.com; for a page on this machine, have \
                      http://localhost:<port> in WEB_ORIGINS"
                    .into(),
        })
    }

    /// Finds the origins that are in the domain. `None` if there are none.
    pub fn new(domain: Option<&str>, origins: &WebOrigins) -> Option<Self> {
        let domain = domain.map(str::to_owned).or_else(|| origins.iter().find_map(host_name))?;
        let is_within = |name: &str| {
            name.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let within = origins.iter().filter(|origin| host_name(origin).is_some_and(|name| is_within(&name)));
        let origins: Vec<_> = within.map(str::to_owned).collect();
        (!origins.is_empty()).then_some(Self { domain, origins })
    }
}

/// Returns the host of an origin, if it is a name. Browsers have no passkeys for addresses.
fn host_name(origin: &str) -> Option<String> {
    let host = origin.parse::<Uri>().ok()?.host()?.to_owned();
    let is_address = host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok();
    (!is_address).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(domain: Option<&str>, origins: &str) -> Option<(String, Vec<String>)> {
        let config = PasskeyConfig::new(domain, &WebOrigins::parse(origins).unwrap());
        config.map(|config| (config.domain, config.origins))
    }

    #[test]
    fn the_domain_is_the_first_name_unless_it_is_set() {
        let origins = "http://127.0.0.1:5173,https://vault.example.com,https://vault.example.org";
        let (domain, within) = found(None, origins).unwrap();
        assert_eq!(
            (domain.as_str(), within),
            ("vault.example.com", vec!["https://vault.example.com".to_owned()])
        );
        let (domain, within) = found(Some("example.org"), origins).unwrap();
        assert_eq!((domain.as_str(), within), ("example.org", vec!["https://vault.example.org".to_owned()]));
        assert!(found(None, "http://localhost:5173").is_some());
    }

    #[test]
    fn a_domain_without_an_origin_is_refused() {
        for (domain, origins) in [
            (Some("example.org"), "https://vault.example.com"),
            (Some("le.com"), "https://vault.example.com"),
            (Some("vault.example.com"), "https://example.com"),
            (None, "http://127.0.0.1:5173,http://[::1]"),
            (Some("127.0.0.1"), "http://127.0.0.1:5173"),
        ] {
            assert!(found(domain, origins).is_none(), "{domain:?} {origins}");
        }
    }
}
