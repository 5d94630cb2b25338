//! The program of `quota`.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(quota::router)
}
