//! The Lambda function that an operator invokes to change the schema.

use docuvault::function;
use lambda_runtime::LambdaEvent;
use migrate::Capabilities;

fn main() -> Result<(), function::Error> {
    function::serve(async |with: &Capabilities, event: LambdaEvent<_>| {
        migrate::handle(with, event.payload).await
    })
}
