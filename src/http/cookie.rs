//! Cookies: they keep the tokens that no script of a page may read.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{AppendHeaders, IntoResponse};

use super::extract::Json;
use crate::config::WebOrigins;
use crate::limits::{DEVICE_LIFETIME, SESSION_IDLE};
use crate::session::Started;
use crate::token::OpaqueToken;

/// A cookie of the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The refresh token of a session.
    Refresh,
    /// The token by which the vault knows a browser again.
    Device,
}

/// The tokens in the cookies of a request. A cookie that is malformed or was sent twice counts as absent.
pub struct Cookies {
    /// The refresh token.
    pub refresh: Option<OpaqueToken>,
    /// The token of the browser.
    pub device: Option<OpaqueToken>,
}

impl Cookie {
    /// The name of the cookie. With the prefix `__Host-`, browsers accept it only over TLS and send it only
    /// to the host that has set it. Pages on this machine without TLS cannot have such cookies.
    const fn name(self, local: bool) -> &'static str {
        match (self, local) {
            (Self::Refresh, false) => "__Host-refresh",
            (Self::Refresh, true) => "refresh",
            (Self::Device, false) => "__Host-device",
            (Self::Device, true) => "device",
        }
    }

    const fn lifetime(self) -> Duration {
        match self {
            Self::Refresh => SESSION_IDLE,
            Self::Device => DEVICE_LIFETIME,
        }
    }

    /// Returns the header that stores a token in the cookie.
    pub fn set(self, token: &OpaqueToken, origins: &WebOrigins) -> (HeaderName, HeaderValue) {
        self.header(&token.to_text(), self.lifetime(), origins)
    }

    /// Returns the header that removes the cookie.
    pub fn remove(self, origins: &WebOrigins) -> (HeaderName, HeaderValue) {
        self.header("", Duration::ZERO, origins)
    }

    fn header(self, value: &str, lifetime: Duration, origins: &WebOrigins) -> (HeaderName, HeaderValue) {
        let local = origins.are_local();
        let (name, seconds) = (self.name(local), lifetime.as_secs());
        let secure = if local { "" } else { "; Secure" };
        let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
        #[expect(clippy::expect_used, reason = "fails only for control characters")]
        let value = text.try_into().expect("a cookie has printable characters only");
        (header::SET_COOKIE, value)
    }

    /// Reads the token in the cookie.
    fn read(self, headers: &HeaderMap, origins: &WebOrigins) -> Option<OpaqueToken> {
        let name = self.name(origins.are_local());
        let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = sent.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(sent, _)| *sent == name).map(|(_, value)| value);
        let only = values.next().filter(|_| values.next().is_none());
        only.and_then(OpaqueToken::parse)
    }
}

/// Answers with the access token of a session that was started, and with its cookies.
pub fn answer_started(started: Started, origins: &WebOrigins) -> impl IntoResponse + use<> {
    (set_cookies(&started, origins), Json(started.answer))
}

/// Returns the headers that set the cookies of a session that was started.
pub fn set_cookies(started: &Started, origins: &WebOrigins) -> AppendHeaders<[(HeaderName, HeaderValue); 2]> {
    let Started { refresh, device, .. } = started;
    AppendHeaders([Cookie::Refresh.set(refresh, origins), Cookie::Device.set(device, origins)])
}

impl<S> FromRequestParts<S> for Cookies
where
    S: Send + Sync,
    WebOrigins: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let origins = WebOrigins::from_ref(state);
        let read = |cookie: Cookie| cookie.read(&parts.headers, &origins);
        Ok(Self { refresh: read(Cookie::Refresh), device: read(Cookie::Device) })
    }
}
