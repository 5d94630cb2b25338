//! `/reference/`: a page about the API, for people. On AWS it is not served. It reads `/api/openapi.json`.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Nothing may be loaded from elsewhere, and no other page may show this one. The page sets styles, and has
/// pictures, in its own text.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// The routes of the page. It keeps an access token in memory only.
pub fn router() -> Router {
    // Left to itself, the page has a service elsewhere look at the document.
    let config = Config::new(["/api/openapi.json"]).validator_url("none").persist_authorization(false);
    Router::from(SwaggerUi::new("/reference").config(config)).layer(map_response(restricted))
}

async fn restricted(mut page: Response) -> Response {
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    page
}
