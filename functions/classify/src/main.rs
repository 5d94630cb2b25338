//! The program `classify`: the Lambda function, or, with the argument `extract`, the child process that reads
//! one document.

use classify::Capabilities;
use docuvault::function;
use lambda_runtime::LambdaEvent;
use rustix::process::{DumpableBehavior, set_dumpable_behavior};

fn main() -> Result<(), function::Error> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|argument| argument == extract::ARGUMENT) {
        return Ok(extract::child::run(arguments.iter().any(|argument| argument == extract::DRAW))?);
    }
    // A hostile document could take over its child. The child must not find the credentials of this process
    // in /proc.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    function::serve(env!("CARGO_BIN_NAME"), async |with: &Capabilities, event: LambdaEvent<_>| {
        Ok::<_, function::Error>(classify::handle(with, event).await)
    })
}
