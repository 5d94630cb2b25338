//! The trace of an invocation.

use std::task::{Context, Poll};

use lambda_runtime::tower::Service;
use lambda_runtime::{Error, LambdaInvocation};
use tokio::task::futures::TaskLocalFuture;

use crate::trace::Trace;

/// Runs each invocation in the trace that Lambda names, or in a new one if it names none. So the lines of
/// Lambda's runtime have a trace, too. A function may continue the trace of its own caller inside.
pub(crate) struct TracedInvocations<S>(pub S);

impl<S> Service<LambdaInvocation> for TracedInvocations<S>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
{
    type Response = ();
    type Error = Error;
    type Future = TaskLocalFuture<Trace, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let named = invocation.context.xray_trace_id.as_deref().and_then(Trace::parse_xray);
        let trace = named.unwrap_or_else(Trace::start);
        trace.scope(trace.enter(|| self.0.call(invocation)))
    }
}
