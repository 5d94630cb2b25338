//! Times and counts that depend on one another, and the inequalities that must hold between them: a value
//! that breaks one does not compile. `docs/ARCHITECTURE.md` quotes them in a table.

pub mod postgres;
pub mod sdk;
#[cfg(test)]
mod tests;

use std::time::Duration;

/// Lambda's timeout of a function behind the API: the most that API Gateway waits for one.
pub const API_FUNCTION_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the gateway takes for one request. The answer still has to travel.
pub const GATEWAY_TIMEOUT: Duration = Duration::from_secs(29);

/// Lambda's timeout of a function that the queue, the schedule or an operator invokes.
pub const FUNCTION_TIMEOUT: Duration = Duration::from_secs(90);

/// How long the queue hides a message that was received. Lambda's documentation asks for six times the
/// timeout of the function that the queue triggers.
pub const VISIBILITY_TIMEOUT: Duration = Duration::from_secs(540);

/// The most messages in one invocation of `classify`.
pub const QUEUE_BATCH: u32 = 10;

/// How many times a message is received before it is a dead letter. Attempts are counted in the row: this
/// ends only what never ends there. What an invocation gives back unbegun counts as received, too, so that
/// one attempt may cost a receipt for each message of the batch.
pub const MAX_RECEIVES: u32 = 100;

/// Attempts to classify a document before it fails: the default of `CLASSIFY_MAX_ATTEMPTS`.
pub const MAX_ATTEMPTS: i32 = 5;

/// How long a worker holds a document. It outlasts the worker's invocation, so that no other worker begins
/// while it may still write, and ends before the message of a worker that was killed comes back.
pub const LEASE: Duration = Duration::from_secs(120);

/// When a message comes back whose handling failed without saying when to try again. Until its lease ends,
/// the document may be held by a claim whose answer was lost: a message that came earlier would find it held,
/// and be acknowledged.
pub const REDELIVERY_DELAY: Duration = LEASE.saturating_add(Duration::from_secs(5));

/// How long one document may take beside the provider's answer: it is fetched, read by a child, and written
/// down.
pub const READING: Duration = Duration::from_secs(30);

/// How long a provider may take for one answer: the default of `AI_TIMEOUT_SECONDS`.
pub const PROVIDER_TIMEOUT: Duration = Duration::from_secs(20);

/// The most that `AI_TIMEOUT_SECONDS` may be: what the function's timeout leaves beside [`READING`].
pub const MAX_PROVIDER_TIMEOUT: Duration = Duration::from_secs(55);

/// How long a document is left alone after its first failed attempt. Each further attempt doubles it.
pub const FIRST_RETRY_DELAY: Duration = Duration::from_secs(30);

/// The most that [`FIRST_RETRY_DELAY`] grows to. A provider may ask for a longer pause.
pub const MAX_RETRY_DELAY: Duration = Duration::from_mins(15);

/// The longest pause that a provider can ask for.
pub const MAX_PROVIDER_PAUSE: Duration = Duration::from_hours(1);

/// Added to the pause of a message. The clocks of the queue and of Postgres differ, and a message that comes
/// before the pause of its document is over would be acknowledged and change nothing.
pub const CLOCK_SKEW: Duration = Duration::from_secs(1);

/// SQS hides a received message for at most this long.
const MAX_VISIBILITY_TIMEOUT: Duration = Duration::from_hours(12);

/// SQS allows at most this value of `maxReceiveCount`.
const MAX_RECEIVE_COUNT: u32 = 1000;

/// How long an upload URL lives (SPEC section 2.1).
pub const URL_LIFETIME: Duration = Duration::from_mins(15);

/// The age at which a pending upload is abandoned (SPEC section 2.5).
pub const ABANDONED_AFTER: Duration = Duration::from_hours(1);

/// The largest object, in bytes: the most that one PUT can carry, and the default of `MAX_UPLOAD_BYTES`.
pub const MAX_UPLOAD_BYTES: i64 = 5 * 1024 * 1024 * 1024;

/// How long after its URL has expired an upload that was begun in time may still end, as far as the vault
/// reckons with it: [`MAX_UPLOAD_BYTES`] at half a megabit a second. The stores themselves end only a
/// connection that is idle (S3 after some 20 seconds, MinIO after 30), so that a sender who trickles can take
/// longer.
///
/// The object of a buried key is removed at burial, by the first sweep after it, by the first sweep after the
/// URL has expired, and for the last time after this. The put-notification tells what is stored under it in
/// between or later, and `classify` removes it as an orphan.
///
/// On MinIO one gap remains. A PUT that was begun before its URL expired, suppresses its notification by a
/// header and trickles for longer than this leaves an object without a row that nothing removes: at most one
/// for each of the `MAX_PENDING_UPLOADS` live URLs of an account. On S3 that header has no effect.
/// `docs/STORES.md` says what an operator does.
pub const SLOWEST_PUT: Duration = Duration::from_hours(24);

/// The span of the limits that count requests (`UPLOAD_URLS_PER_HOUR`, `CLASSIFICATIONS_PER_HOUR`).
pub const RATE_WINDOW: Duration = Duration::from_hours(1);

/// How often the schedule runs `cleanup` (SPEC section 2.5).
pub const SWEEP_INTERVAL: Duration = Duration::from_mins(30);

/// How long before the end of its invocation the sweep begins no further batch: the batch in hand must end by
/// then. A statement that is sent again, because its connection broke, is not counted. If Lambda ends the
/// sweep in one, a later sweep does the rest.
pub const SWEEP_RESERVE: Duration = Duration::from_secs(45);

/// How long the sweep leaves a document to the nudge or the event that is on its way.
pub const NUDGE_GRACE: Duration = Duration::from_mins(10);

/// When a nudge that the sweep has taken is due again, in case that it gets lost.
pub const NUDGE_AGAIN: Duration = Duration::from_mins(20);

/// When a nudge that the queue did not take is due again.
pub const NUDGE_RETRY: Duration = Duration::from_mins(1);

/// When an object whose removal failed is due again. Each further failure doubles it.
pub const FIRST_REMOVAL_DELAY: Duration = Duration::from_mins(10);

/// The most that [`FIRST_REMOVAL_DELAY`] grows to.
pub const MAX_REMOVAL_DELAY: Duration = Duration::from_hours(24);

const fn is_shorter(one: Duration, other: Duration) -> bool {
    one.as_millis() < other.as_millis()
}

const fn sum(one: Duration, other: Duration) -> Duration {
    one.saturating_add(other)
}

// The gateway answers before Lambda ends the function.
const _: () = assert!(is_shorter(GATEWAY_TIMEOUT, API_FUNCTION_TIMEOUT));
// A worker that still runs holds its document; one that was killed does not when its message comes back.
const _: () = assert!(is_shorter(FUNCTION_TIMEOUT, LEASE) && is_shorter(LEASE, VISIBILITY_TIMEOUT));
const _: () =
    assert!(is_shorter(LEASE, REDELIVERY_DELAY) && is_shorter(REDELIVERY_DELAY, VISIBILITY_TIMEOUT));
const _: () = assert!(VISIBILITY_TIMEOUT.as_secs() >= 6 * FUNCTION_TIMEOUT.as_secs());
// An invocation has time for one document, however long its provider may take.
const _: () = assert!(is_shorter(sum(READING, MAX_PROVIDER_TIMEOUT), FUNCTION_TIMEOUT));
const _: () = assert!(!is_shorter(MAX_PROVIDER_TIMEOUT, PROVIDER_TIMEOUT));
// A document whose attempts each cost as many receipts as a batch has messages ends in its row, and not as a
// dead letter.
const _: () = assert!(MAX_RECEIVES > MAX_ATTEMPTS as u32 * QUEUE_BATCH && MAX_RECEIVES <= MAX_RECEIVE_COUNT);
const _: () = assert!(is_shorter(FIRST_RETRY_DELAY, MAX_RETRY_DELAY));
// SQS accepts every delay that the vault gives a message, so that none comes back before its document's pause
// is over.
const _: () = assert!(is_shorter(sum(MAX_RETRY_DELAY, CLOCK_SKEW), MAX_VISIBILITY_TIMEOUT));
const _: () = assert!(is_shorter(sum(MAX_PROVIDER_PAUSE, CLOCK_SKEW), MAX_VISIBILITY_TIMEOUT));
const _: () = assert!(is_shorter(VISIBILITY_TIMEOUT, MAX_VISIBILITY_TIMEOUT));
// The postponed message comes back before the sweep nudges for its document.
const _: () = assert!(is_shorter(CLOCK_SKEW, NUDGE_GRACE));
// No upload is abandoned while its URL lives.
const _: () = assert!(is_shorter(URL_LIFETIME, ABANDONED_AFTER));
// The largest upload, at half a megabit a second, ends in time.
const _: () = assert!(MAX_UPLOAD_BYTES as u64 * 8 <= 500_000 * SLOWEST_PUT.as_secs());
// The queue delivers what it has before the sweep sends it again, and what the sweep has put off is due at
// its next run.
const _: () = assert!(is_shorter(VISIBILITY_TIMEOUT, NUDGE_GRACE) && is_shorter(NUDGE_GRACE, NUDGE_AGAIN));
const _: () = assert!(is_shorter(NUDGE_AGAIN, SWEEP_INTERVAL) && is_shorter(NUDGE_RETRY, SWEEP_INTERVAL));
const _: () = assert!(is_shorter(FIRST_REMOVAL_DELAY, SWEEP_INTERVAL));
const _: () = assert!(is_shorter(FIRST_REMOVAL_DELAY, MAX_REMOVAL_DELAY));
// A batch of the sweep ends within the invocation. Removals: a statement takes them, the store is asked, and
// a statement records what it did. Nudges: a statement takes them, or a request sends some of them, and a
// statement gives back what was not sent.
const _: () = {
    let statement = postgres::LONGEST_STATEMENT;
    assert!(is_shorter(sum(sum(statement, sdk::STORE_BATCH.operation), statement), SWEEP_RESERVE));
    assert!(is_shorter(sum(statement, statement), SWEEP_RESERVE));
    assert!(is_shorter(sum(sdk::QUEUE.operation, statement), SWEEP_RESERVE));
};
const _: () = assert!(is_shorter(SWEEP_RESERVE, FUNCTION_TIMEOUT));
// A request that waits in vain for the database, or for the database and then the store, is answered before
// the gateway gives up.
const _: () = assert!(is_shorter(sum(postgres::WAIT_TIMEOUT, postgres::LONGEST_STATEMENT), GATEWAY_TIMEOUT));
const _: () = assert!(is_shorter(sum(postgres::LONGEST_STATEMENT, sdk::STORE.operation), GATEWAY_TIMEOUT));
// So is a deletion whose store does not answer.
const _: () = assert!(is_shorter(sum(postgres::LONGEST_STATEMENT, sdk::REMOVAL_TIMEOUT), GATEWAY_TIMEOUT));
