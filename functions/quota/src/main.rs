//! The Lambda function that tells a user how much space is left.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(env!("CARGO_BIN_NAME"), quota::router)
}
