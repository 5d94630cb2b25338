//! The Lambda function that serves the account of the caller.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(env!("CARGO_BIN_NAME"), account::router)
}
