//! The Lambda function that a schedule starts, for the sweep.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve(cleanup::handle)
}
