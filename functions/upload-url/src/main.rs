//! The program of `upload-url`.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(upload_url::router)
}
