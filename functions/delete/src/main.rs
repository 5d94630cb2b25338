//! The program of `delete`.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(delete::router)
}
