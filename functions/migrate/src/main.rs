//! The Lambda function that an operator or CloudFormation invokes to change the schema.

use docuvault::function;
use lambda_runtime::LambdaEvent;
use migrate::Capabilities;

fn main() -> Result<(), function::Error> {
    function::serve(env!("CARGO_BIN_NAME"), async |with: &Capabilities, event: LambdaEvent<_>| {
        migrate::handle_event(with, event).await
    })
}
