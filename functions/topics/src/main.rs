//! The Lambda function that lists and changes topics.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(env!("CARGO_BIN_NAME"), topics::router)
}
