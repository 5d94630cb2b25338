//! The program of `confirm`.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(confirm::router)
}
