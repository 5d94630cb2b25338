//! How long the vault waits for the store and the queue.

use std::time::Duration;

use super::is_shorter;

/// How long a TCP connection may take to open.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How many times a request is sent before it fails.
pub const MAX_ATTEMPTS: u32 = 3;

/// How long a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Each attempt, in full.
    pub attempt: Duration,
    /// All attempts and the pauses between them.
    pub operation: Duration,
}

/// Requests to the store.
pub const STORE: Timeouts = Timeouts { attempt: Duration::from_secs(2), operation: Duration::from_secs(12) };

/// Requests that remove a thousand objects.
pub const STORE_BATCH: Timeouts =
    Timeouts { attempt: Duration::from_secs(10), operation: Duration::from_secs(12) };

/// Requests to the queue.
pub const QUEUE: Timeouts = Timeouts { attempt: Duration::from_secs(2), operation: Duration::from_secs(12) };

/// How long a caller waits for the removal of an object that the sweep would remove, too.
pub const REMOVAL_TIMEOUT: Duration = Duration::from_secs(2);

const _: () =
    assert!(is_shorter(CONNECT_TIMEOUT, STORE.attempt) && is_shorter(CONNECT_TIMEOUT, QUEUE.attempt));
// Every attempt has its time.
const _: () = assert!(STORE.attempt.as_secs() * (MAX_ATTEMPTS as u64) < STORE.operation.as_secs());
const _: () = assert!(QUEUE.attempt.as_secs() * (MAX_ATTEMPTS as u64) < QUEUE.operation.as_secs());
const _: () = assert!(is_shorter(STORE_BATCH.attempt, STORE_BATCH.operation));
