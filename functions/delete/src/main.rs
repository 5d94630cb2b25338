//! The Lambda function that deletes one document.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(delete::router)
}
