//! Links in mails. A link leads to the page, and has a token behind `#`. Browsers send that part to no
//! server, so that no log has it, and programs that open links in mails do not use it up: only a POST does.

use crate::token::OpaqueToken;

/// A page to which a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The page that sets a new password.
    PasswordReset,
    /// The page that confirms an address.
    Verify,
}

impl Page {
    /// Returns the link to this page. `web_url` is the address of the web application, without a slash at its
    /// end. Whoever has the link may use it, so it must never be logged or stored.
    pub fn link(self, web_url: &str, token: &OpaqueToken) -> String {
        let path = match self {
            Self::PasswordReset => "password-reset",
            Self::Verify => "verify",
        };
        format!("{web_url}/{path}#token={}", token.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_in_the_fragment_of_a_link() {
        let token = OpaqueToken::random().unwrap();
        let link = Page::PasswordReset.link("https://vault.example.com", &token);
        assert_eq!(link, format!("https://vault.example.com/password-reset#token={}", token.to_text()));
    }
}
