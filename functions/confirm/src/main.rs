//! The Lambda function that confirms uploads and charges their size.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(env!("CARGO_BIN_NAME"), confirm::router)
}
