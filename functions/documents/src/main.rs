//! The Lambda function that lists documents and signs download URLs.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(env!("CARGO_BIN_NAME"), documents::router)
}
