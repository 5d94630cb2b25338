//! Checks which page sends a request.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;

use crate::config::WebOrigins;
use crate::{Error, Result};

/// States that the request comes from a page that may use sessions, or from a program that is no browser. A
/// browser adds its cookies to a request, whichever page sends it, and names the page in the header `Origin`.
pub struct KnownOrigin;

impl<S> FromRequestParts<S> for KnownOrigin
where
    S: Send + Sync,
    WebOrigins: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let origins = WebOrigins::from_ref(state);
        let mut sent = parts.headers.get_all(header::ORIGIN).iter();
        let is_known = match (sent.next(), sent.next()) {
            (None, _) => true,
            (Some(origin), None) => origin.to_str().is_ok_and(|origin| origins.contain(origin)),
            _ => false,
        };
        if is_known { Ok(Self) } else { Err(Error::WrongOrigin) }
    }
}
