//! The Lambda function that tells whether the vault works, and serves the reference of the API.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(env!("CARGO_BIN_NAME"), health::router)
}
