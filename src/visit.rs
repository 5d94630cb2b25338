//! The origin of a request: the address and the program of the client, and the request's id.

use std::net::IpAddr;

/// The most characters of a user agent that are kept.
pub const MAX_USER_AGENT: usize = 256;

/// The origin of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// The client's address. `None` if the gateway names none.
    pub address: Option<IpAddr>,
    /// The client's name for its program (the header `User-Agent`), with up to [`MAX_USER_AGENT`] characters.
    /// The client can write anything here.
    pub user_agent: Option<String>,
    /// The request's id, as in the log and in the header `x-request-id` of the answer.
    pub request_id: Option<String>,
}

impl Visit {
    /// The client's address as text, as the database has it.
    pub fn address_text(&self) -> Option<String> {
        self.address.map(|address| address.to_string())
    }
}

/// Finds the client's address. `connected` is the address that connected to the gateway, and `forwarded` is
/// the header `X-Forwarded-For`: each proxy appends the address that connected to it. `proxies` is the number
/// of proxies in front of the gateway. Only the entries that they have appended count, because the client can
/// write all entries before them. If there are fewer entries than proxies, its address is the one that
/// connected. Whoever can connect past the proxies can write all entries.
///
/// API Gateway appends an entry, too. This entry is `connected`, and is left out.
pub fn client_address(connected: IpAddr, forwarded: &str, proxies: usize) -> IpAddr {
    let connected = connected.to_canonical();
    let mut entries: Vec<_> = forwarded.split(',').map(parse_address).collect();
    entries.pop_if(|last| *last == Some(connected));
    let first = entries.len().checked_sub(proxies).and_then(|place| entries.get(place));
    first.copied().flatten().unwrap_or(connected)
}

/// Parses an address. An IPv4 address that is written as an IPv6 address becomes an IPv4 address.
pub fn parse_address(text: &str) -> Option<IpAddr> {
    text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Reads a user agent: keeps printable ASCII only, and at most [`MAX_USER_AGENT`] characters. `None` if
/// nothing is left.
pub fn read_user_agent(header: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(header);
    let kept: String = text.trim().chars().filter(|c| matches!(c, ' '..='~')).take(MAX_USER_AGENT).collect();
    Some(kept).filter(|kept| !kept.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(connected: &str, forwarded: &str, proxies: usize) -> String {
        client_address(connected.parse().unwrap(), forwarded, proxies).to_string()
    }

    #[test]
    fn without_proxies_the_header_is_ignored() {
        for forwarded in ["", "198.51.100.1", "198.51.100.1, 203.0.113.9", "nonsense"] {
            assert_eq!(found("203.0.113.9", forwarded, 0), "203.0.113.9", "{forwarded}");
        }
    }

    #[test]
    fn behind_proxies_the_entry_of_the_first_of_them_counts() {
        let forged = "192.0.2.1, 192.0.2.2, 198.51.100.1";
        for gateway in ["", ", 203.0.113.9"] {
            assert_eq!(found("203.0.113.9", &format!("{forged}{gateway}"), 1), "198.51.100.1");
            assert_eq!(found("203.0.113.9", &format!("{forged}, 203.0.113.1{gateway}"), 2), "198.51.100.1");
        }
    }

    #[test]
    fn a_request_that_passed_no_proxy_has_the_address_that_connected() {
        for forwarded in ["", "203.0.113.9", "unknown", "203.0.113.7:443, 203.0.113.9"] {
            assert_eq!(found("203.0.113.9", forwarded, 1), "203.0.113.9", "{forwarded}");
        }
        assert_eq!(found("203.0.113.9", "198.51.100.1", usize::MAX), "203.0.113.9");
    }

    #[test]
    fn one_address_has_one_text() {
        assert_eq!(found("::ffff:203.0.113.9", "", 0), "203.0.113.9");
        assert_eq!(found("2001:DB8:0:0::1", "", 0), "2001:db8::1");
        assert_eq!(found("203.0.113.9", "::ffff:198.51.100.1", 1), "198.51.100.1");
    }

    #[test]
    fn a_user_agent_is_cut_and_has_printable_characters_only() {
        assert_eq!(read_user_agent(b" Mozilla/5.0\tx ").as_deref(), Some("Mozilla/5.0x"));
        assert_eq!(read_user_agent("x".repeat(300).as_bytes()).unwrap().len(), MAX_USER_AGENT);
        assert!(
            read_user_agent("\u{202e}é\u{feff}".as_bytes()).is_none() && read_user_agent(b"\xff").is_none()
        );
        assert!(read_user_agent(b" ").is_none());
    }
}
