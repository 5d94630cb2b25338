//! The reference of the API: `GET /api/openapi.json` for programs, `/reference/` for people. On AWS neither
//! is served.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use utoipa_swagger_ui::{Config, SwaggerUi};

const DOCUMENT: &str = include_str!("../../../../infra/openapi.json");

/// Nothing may be loaded from elsewhere. The page sets styles, and has pictures, in its own text.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:");

/// The routes of the page and of the document.
pub fn router() -> Router {
    // Left to itself, the page has a service elsewhere look at the document.
    let config = Config::new(["/api/openapi.json"]).validator_url("none").persist_authorization(true);
    let page = Router::from(SwaggerUi::new("/reference").config(config)).layer(map_response(restricted));
    page.route("/api/openapi.json", get(async || ([(header::CONTENT_TYPE, "application/json")], DOCUMENT)))
}

async fn restricted(mut page: Response) -> Response {
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    page
}
