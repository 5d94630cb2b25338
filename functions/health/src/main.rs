//! The program of `health`.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(health::router)
}
