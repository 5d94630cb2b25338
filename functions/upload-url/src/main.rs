//! The Lambda function that begins uploads.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(upload_url::router)
}
