//! The Lambda function that a schedule starts, for the mails that wait.

fn main() -> Result<(), docuvault::function::Error> {
    docuvault::function::serve(env!("CARGO_BIN_NAME"), mail::handle)
}
