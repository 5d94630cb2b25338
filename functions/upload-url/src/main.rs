//! The Lambda function that begins uploads.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(env!("CARGO_BIN_NAME"), upload_url::router)
}
