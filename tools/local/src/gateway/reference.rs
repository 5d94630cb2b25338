//! Serves `/reference/`: a page about the API, for people. It reads `/api/openapi.json`. On AWS there is no
//! such page.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The content security policy of the page. It may load nothing from other servers, and no other page may
/// show it. Styles and pictures in the text of the page are allowed.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// Returns the routes of the page. The page keeps an access token in memory only.
pub fn router() -> Router {
    // By default the page sends the document to a validator on the Internet.
    let config = Config::new(["/api/openapi.json"]).validator_url("none").persist_authorization(false);
    Router::from(SwaggerUi::new("/reference").config(config)).layer(map_response(add_headers))
}

async fn add_headers(mut page: Response) -> Response {
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    page
}
