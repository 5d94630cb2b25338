//! The program of `cleanup`.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve(cleanup::handle)
}
