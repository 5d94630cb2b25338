//! The Lambda function that registers passkeys and signs users in with them.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(env!("CARGO_BIN_NAME"), passkeys::router)
}
