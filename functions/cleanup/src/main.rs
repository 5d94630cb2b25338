//! The Lambda function that a schedule starts, for the sweep.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve(env!("CARGO_BIN_NAME"), cleanup::handle)
}
