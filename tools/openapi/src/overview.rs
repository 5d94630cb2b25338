//! The general part of the document: title, description and access tokens.

use utoipa::Modify;

use docuvault::error::Refusal;
use docuvault::http::Code;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

/// The document without routes: title, description, tags and the scheme of access tokens.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "DocuVault",
        description = include_str!("overview.md"),
        version = "0.1.0",
        license(name = "Apache License 2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "The service that you got this document from")),
    tags(
        (name = "Account", description = "Your account, your session and your quota"),
        (name = "Documents", description = "Your documents, from the upload to the deletion"),
        (name = "Topics", description = "What documents can be about"),
        (name = "Administration", description = "What administrators do for everybody"),
        (name = "Service", description = "The service itself"),
    ),
    components(schemas(Code, Refusal)),
    modifiers(&AccessToken),
)]
pub struct Overview;

struct AccessToken;

impl Modify for AccessToken {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(
            Some("The `access_token` that `POST /api/auth/login` returns. It expires after 15 minutes."),
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("access_token", SecurityScheme::Http(scheme.build()));
    }
}
