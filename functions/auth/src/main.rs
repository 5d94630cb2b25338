//! The program of `auth`.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve_http(auth::router)
}
