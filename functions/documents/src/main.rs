//! The program of `documents`.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(documents::router)
}
