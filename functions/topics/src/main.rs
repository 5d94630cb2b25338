//! The program of `topics`.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(topics::router)
}
