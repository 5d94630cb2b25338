//! How the reference of the API shows what browsers and the vault exchange for passkeys. WebAuthn defines its
//! form (<https://www.w3.org/TR/webauthn-3/>), so the reference has examples only.

use serde_json::{Value, json};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// The options of a challenge for a new passkey.
pub(crate) fn creation_options() -> Object {
    object(
        "The options for the browser, as `PublicKeyCredential.parseCreationOptionsFromJSON()` reads them.",
        json!({"challenge": "kq3v0m5Yb2oW4nR8sT1uX6zA9cE7gH0jL5pQ2dF3iJk", "rp": {"id": "vault.example.com"}}),
    )
}

/// The options of a challenge for a sign-in.
pub(crate) fn request_options() -> Object {
    object(
        "The options for the browser, as `PublicKeyCredential.parseRequestOptionsFromJSON()` reads them.",
        json!({"challenge": "kq3v0m5Yb2oW4nR8sT1uX6zA9cE7gH0jL5pQ2dF3iJk", "rpId": "vault.example.com"}),
    )
}

/// The answer to a challenge for a new passkey.
pub(crate) fn registration() -> Object {
    answer(
        json!({"clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0", "attestationObject": "o2NmbXRkbm9uZQ"}),
    )
}

/// The answer to a challenge for a sign-in.
pub(crate) fn assertion() -> Object {
    answer(json!({
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0", "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4",
        "signature": "MEUCIQDTGVxhrZ",
    }))
}

fn answer(response: Value) -> Object {
    let id = "LFdoCFJTyB8";
    object(
        "The answer of the browser, as `PublicKeyCredential.toJSON()` writes it.",
        json!({"id": id, "rawId": id, "response": response, "type": "public-key"}),
    )
}

fn object(description: &str, example: Value) -> Object {
    ObjectBuilder::new().schema_type(Type::Object).description(Some(description)).examples([example]).build()
}
