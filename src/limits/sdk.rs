//! Time-outs of requests to the store, the queue and Secrets Manager.

use std::time::Duration;

use super::is_shorter;

/// The time-out for opening a TCP connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The number of attempts after which a request fails.
pub const MAX_ATTEMPTS: u32 = 3;

/// The time-outs of a request.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// The time-out of one attempt, from the connection to the end of the answer.
    pub attempt: Duration,
    /// The time-out of all attempts together, including the pauses between them.
    pub operation: Duration,
}

/// The time-outs of requests to the store.
pub const STORE: Timeouts = Timeouts { attempt: Duration::from_secs(2), operation: Duration::from_secs(12) };

/// The time-outs of requests that remove or list up to a thousand objects.
pub const STORE_BATCH: Timeouts =
    Timeouts { attempt: Duration::from_secs(10), operation: Duration::from_secs(12) };

/// The time-outs of requests to the queue.
pub const QUEUE: Timeouts = Timeouts { attempt: Duration::from_secs(2), operation: Duration::from_secs(12) };

/// The time-outs of reading a secret. The time-out of all attempts covers both versions of the secret.
pub const SECRETS: Timeouts = Timeouts { attempt: Duration::from_secs(2), operation: Duration::from_secs(8) };

/// The time-outs of asking whether a password is known from breaches. The request that waits for the answer
/// is a registration or a change of a password.
pub const BREACHES: Timeouts =
    Timeouts { attempt: Duration::from_secs(1), operation: Duration::from_secs(1) };

/// The time for which a request waits for the removal of an object. If it takes longer, the sweep removes the
/// object later.
pub const REMOVAL_TIMEOUT: Duration = Duration::from_secs(2);

const _: () =
    assert!(is_shorter(CONNECT_TIMEOUT, STORE.attempt) && is_shorter(CONNECT_TIMEOUT, QUEUE.attempt));
const _: () = assert!(is_shorter(CONNECT_TIMEOUT, SECRETS.attempt));
// There is enough time for all attempts.
const _: () = assert!(STORE.attempt.as_secs() * (MAX_ATTEMPTS as u64) < STORE.operation.as_secs());
const _: () = assert!(QUEUE.attempt.as_secs() * (MAX_ATTEMPTS as u64) < QUEUE.operation.as_secs());
const _: () = assert!(SECRETS.attempt.as_secs() * (MAX_ATTEMPTS as u64) < SECRETS.operation.as_secs());
const _: () = assert!(is_shorter(STORE_BATCH.attempt, STORE_BATCH.operation));
