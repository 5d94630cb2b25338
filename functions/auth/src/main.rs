//! The Lambda function that registers accounts and logs users in.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(env!("CARGO_BIN_NAME"), auth::router)
}
