//! The program `classify`: the Lambda function, or, with the argument `extract`, the child process that reads
//! one document.

use classify::Capabilities;
use docuvault::function;
use lambda_runtime::LambdaEvent;
use rustix::process::{DumpableBehavior, set_dumpable_behavior};

fn main() -> Result<(), function::Error> {
    if std::env::args().nth(1).as_deref() == Some(extract::ARGUMENT) {
        return Ok(extract::child::run()?);
    }
    // A hostile document could take over its child. The child must not find the credentials of this process
    // in /proc.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    function::serve(env!("CARGO_BIN_NAME"), async |with: &Capabilities, event: LambdaEvent<_>| {
        Ok::<_, function::Error>(classify::handle(with, event).await)
    })
}
