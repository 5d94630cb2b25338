//! The Lambda function that deletes one document.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(env!("CARGO_BIN_NAME"), delete::router)
}
