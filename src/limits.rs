//! Limits: times and counts that depend on each other, and the inequalities that must hold between them. A
//! value that breaks an inequality does not compile. `docs/ARCHITECTURE.md` quotes all limits in a table.

pub mod postgres;
pub mod sdk;
#[cfg(test)]
mod tests;

use std::time::Duration;

/// The time-out of a function behind the API, which Lambda enforces. API Gateway waits no longer than this.
pub const API_FUNCTION_TIMEOUT: Duration = Duration::from_secs(30);

/// The time in which the gateway answers a request. It is shorter than the function's time-out, so the
/// gateway answers before Lambda ends the function.
pub const GATEWAY_TIMEOUT: Duration = Duration::from_secs(29);

/// The time in which a function must be ready for its first invocation. Lambda ends a function that takes
/// longer, and starts it again.
pub const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// The time-out of a function that the queue, the schedule or an operator invokes, which Lambda enforces.
pub const FUNCTION_TIMEOUT: Duration = Duration::from_secs(90);

/// The time for which the queue hides a received message. AWS's documentation recommends six times the
/// time-out of the function that the queue invokes.
pub const VISIBILITY_TIMEOUT: Duration = Duration::from_secs(540);

/// The most messages in one invocation of `classify`.
pub const QUEUE_BATCH: u32 = 10;

/// The number of receipts after which a message becomes a dead letter. The document's row counts attempts, so
/// this limit only ends messages that never get as far as an attempt. A message that an invocation gives back
/// unhandled counts as received, so that one attempt may cost as many receipts as a batch has messages.
pub const MAX_RECEIVES: u32 = 100;

/// The number of attempts after which the classification of a document fails: the default of
/// `CLASSIFY_MAX_ATTEMPTS`.
pub const MAX_ATTEMPTS: i32 = 5;

/// The time for which a worker's claim on a document holds: its lease. It is longer than an invocation, so
/// that no other worker begins while this one may still write. It is shorter than the visibility time-out, so
/// that a message whose worker was killed comes back after the lease has expired.
pub const LEASE: Duration = Duration::from_secs(120);

/// The delay of a message whose handling failed for an unknown reason. It is longer than the lease: if
/// the message came earlier, the document could still be claimed by the failed attempt, and the message would
/// be acknowledged without effect.
pub const REDELIVERY_DELAY: Duration = LEASE.saturating_add(Duration::from_secs(5));

/// The time that one document may take in addition to the provider's answer: to fetch the object, extract its
/// text and store the outcome.
pub const DOCUMENT_WORK_TIME: Duration = Duration::from_secs(30);

/// The time in which a provider must answer: the default of `AI_TIMEOUT_SECONDS`.
pub const PROVIDER_TIMEOUT: Duration = Duration::from_secs(20);

/// The largest value of `AI_TIMEOUT_SECONDS`: with it, the function's time-out still leaves
/// [`DOCUMENT_WORK_TIME`].
pub const MAX_PROVIDER_TIMEOUT: Duration = Duration::from_secs(55);

/// The delay of the second attempt, after the first one failed. Each further failure doubles it.
pub const FIRST_RETRY_DELAY: Duration = Duration::from_secs(30);

/// The limit up to which [`FIRST_RETRY_DELAY`] doubles. A provider may ask for a longer delay.
pub const MAX_RETRY_DELAY: Duration = Duration::from_mins(15);

/// The longest delay that a provider can ask for (`Retry-After`).
pub const MAX_PROVIDER_PAUSE: Duration = Duration::from_hours(1);

/// A margin that is added to the delay of a message, because the clocks of the queue and of Postgres differ.
/// A message that came before its document's delay is over would be acknowledged without effect.
pub const CLOCK_SKEW: Duration = Duration::from_secs(1);

/// The longest time for which SQS can hide a received message.
const MAX_VISIBILITY_TIMEOUT: Duration = Duration::from_hours(12);

/// The largest value of `maxReceiveCount` that SQS allows.
const MAX_RECEIVE_COUNT: u32 = 1000;

/// The lifetime of an upload URL.
pub const URL_LIFETIME: Duration = Duration::from_mins(15);

/// The age at which a pending upload counts as abandoned, and the sweep removes it.
pub const ABANDONED_AFTER: Duration = Duration::from_hours(1);

/// The size of the largest object, in bytes: the most that S3 accepts in one PUT, and the default of
/// `MAX_UPLOAD_BYTES`.
pub const MAX_UPLOAD_BYTES: i64 = 5 * 1024 * 1024 * 1024;

/// The time for which a PUT may last after its URL has expired, if it was begun before. It is the duration of
/// an upload of [`MAX_UPLOAD_BYTES`] at half a megabit per second. This is an assumption: the stores end only
/// idle connections (S3 after some 20 seconds, MinIO after 30), so a client that sends very slowly can take
/// longer.
///
/// The object of a buried key is removed several times: when the key is buried, by the next sweep, by the
/// first sweep after the URL has expired, and by the first sweep after this time. If an object is stored
/// under the key in between or later, its put-notification reaches `classify`, which removes it.
///
/// On MinIO, one gap remains. A client can begin a PUT before its URL expires, suppress the notification by a
/// header, and send for longer than this time. The object then has no row, and nothing removes it. An account
/// can do this at most once for each of its `MAX_PENDING_UPLOADS` live URLs. On S3 the header has no effect.
/// `docs/STORES.md` says what an operator can do.
pub const SLOWEST_PUT: Duration = Duration::from_hours(24);

/// The time for which a temporary password is accepted.
pub const TEMPORARY_PASSWORD_LIFETIME: Duration = Duration::from_hours(72);

/// The period over which requests are counted for `UPLOAD_URLS_PER_HOUR` and `CLASSIFICATIONS_PER_HOUR`.
pub const RATE_WINDOW: Duration = Duration::from_hours(1);

/// The time after which a session ends if it is not used.
pub const SESSION_IDLE: Duration = Duration::from_hours(30 * 24);

/// The time after which a session ends, however often it is used.
pub const SESSION_LIFETIME: Duration = Duration::from_hours(90 * 24);

/// The time in which a refresh token may be used again without replacing the token that the first use has
/// returned. Two tabs of a browser may refresh at once.
pub const REFRESH_GRACE: Duration = Duration::from_secs(10);

/// The time for which a browser is known after its last login: the longest lifetime of a cookie that browsers
/// accept.
pub const DEVICE_LIFETIME: Duration = Duration::from_hours(400 * 24);

/// The interval at which the schedule invokes `cleanup`.
pub const SWEEP_INTERVAL: Duration = Duration::from_mins(30);

/// The interval at which the schedule has `migrate` delete old entries of the audit log.
pub const AUDIT_LOG_INTERVAL: Duration = Duration::from_hours(24);

/// The time before the end of its invocation in which the sweep begins no further batch, so that the current
/// batch ends in time. A statement that is sent again because its connection broke may take longer than this.
/// If Lambda ends the sweep then, a later sweep does the rest.
pub const SWEEP_RESERVE: Duration = Duration::from_secs(45);

/// The time for which the sweep sends no nudge after a confirmation or an attempt, because an event or a
/// nudge may still be on its way.
pub const NUDGE_GRACE: Duration = Duration::from_mins(10);

/// The time after which a nudge of the sweep is due again, in case it got lost.
pub const NUDGE_REPEAT_DELAY: Duration = Duration::from_mins(20);

/// The time after which a nudge that the queue did not accept is due again.
pub const NUDGE_RETRY_DELAY: Duration = Duration::from_mins(1);

/// The delay after the first failed removal of an object. Each further failure doubles it.
pub const FIRST_REMOVAL_DELAY: Duration = Duration::from_mins(10);

/// The limit up to which [`FIRST_REMOVAL_DELAY`] doubles.
pub const MAX_REMOVAL_DELAY: Duration = Duration::from_hours(24);

/// The time from the beginning of a pass of an audit to the beginning of the next one, unless the pass takes
/// longer. A pass lists a whole store, so it should not run at every sweep.
pub const AUDIT_INTERVAL: Duration = Duration::from_hours(24);

/// The interval at which the schedule invokes `mail`. It is the shortest that the scheduler has, because
/// people wait for links.
pub const MAIL_INTERVAL: Duration = Duration::from_mins(1);

/// The time for which a worker's claim on a mail holds. It is longer than an invocation, so that no other
/// worker sends the same mail while this one may still send it.
pub const MAIL_LEASE: Duration = Duration::from_secs(120);

/// The time in which a mail server must take one mail, including the connection.
pub const MAIL_TIMEOUT: Duration = Duration::from_secs(20);

/// The end of its invocation in which `mail` begins no further mail, so that the current one ends in time.
pub const MAIL_RESERVE: Duration = Duration::from_secs(60);

/// The pause of a mail after its first failure. Each further failure doubles it.
pub const FIRST_MAIL_PAUSE: Duration = Duration::from_mins(1);

/// The limit up to which [`FIRST_MAIL_PAUSE`] doubles.
pub const MAX_MAIL_PAUSE: Duration = Duration::from_mins(15);

/// The time for which the vault tries to send a mail without a link. RFC 5321, section 4.5.4.1, asks for four
/// to five days.
pub const NOTICE_LIFETIME: Duration = Duration::from_hours(120);

/// The lifetime of a link with which a new password is set, from the request on.
pub const RESET_LIFETIME: Duration = Duration::from_hours(1);

/// The lifetime of a link that confirms an address, from the request on.
pub const VERIFICATION_LIFETIME: Duration = Duration::from_hours(24);

/// The age at which a secret in Secrets Manager is read again. After this time, a new secret is known
/// everywhere.
pub const SECRET_AGE: Duration = Duration::from_mins(5);

/// The time after which a secret is read again although it is younger than [`SECRET_AGE`], because a token
/// was signed with an unknown key, or because the last reading failed. It limits the requests that forged
/// tokens can cause, and the requests that wait for a secret that cannot be read.
pub const SECRET_PAUSE: Duration = Duration::from_secs(30);

/// The time for which a secret remains in use that cannot be read again. It limits how long a leaked secret
/// is accepted after it was replaced, if the functions cannot read the new one.
pub const SECRET_MAX_AGE: Duration = Duration::from_hours(1);

/// The time in which the second step of a login must follow the first one.
pub const CHALLENGE_LIFETIME: Duration = Duration::from_mins(5);

/// The end of an invocation of `migrate` by CloudFormation, which is left for the answer to CloudFormation.
pub const ANSWER_RESERVE: Duration = Duration::from_secs(13);

/// The time before [`ANSWER_RESERVE`] in which a migration that is not finished is stopped. The server ends
/// the statement and releases the lock on the schema, which the next invocation needs.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(5);

const fn is_shorter(one: Duration, other: Duration) -> bool {
    one.as_millis() < other.as_millis()
}

const fn sum(one: Duration, other: Duration) -> Duration {
    one.saturating_add(other)
}

// The gateway answers before Lambda ends the function.
const _: () = assert!(is_shorter(GATEWAY_TIMEOUT, API_FUNCTION_TIMEOUT));
// A function whose database and secrets do not answer is ready in time.
const _: () = assert!(is_shorter(postgres::CREATE_TIMEOUT, INIT_TIMEOUT));
const _: () = assert!(is_shorter(sdk::SECRETS.operation, INIT_TIMEOUT));
// A request is answered in time if neither its secret nor then the database is available.
const _: () = assert!(is_shorter(sum(sdk::SECRETS.operation, postgres::LONGEST_STATEMENT), GATEWAY_TIMEOUT));
const _: () = assert!(is_shorter(SECRET_PAUSE, SECRET_AGE) && is_shorter(SECRET_AGE, SECRET_MAX_AGE));
// CloudFormation gets its answer before the invocation ends. A migration that takes too long is stopped
// before the answer, for which a connection may have to be opened.
const _: () = assert!(is_shorter(sdk::STORE.operation, ANSWER_RESERVE));
const _: () = assert!(is_shorter(postgres::CREATE_TIMEOUT, STOP_TIMEOUT));
// The server cancels a statement that takes too long, and its error names the migration. If the statement
// began late in the invocation, `migrate` stops it before that.
const _: () = assert!(is_shorter(
    sum(postgres::MIGRATION_STATEMENT_TIMEOUT, sum(STOP_TIMEOUT, ANSWER_RESERVE)),
    FUNCTION_TIMEOUT
));
// A worker holds its document as long as it runs. If it was killed, its lease has expired when the message
// comes back.
const _: () = assert!(is_shorter(FUNCTION_TIMEOUT, LEASE) && is_shorter(LEASE, VISIBILITY_TIMEOUT));
const _: () =
    assert!(is_shorter(LEASE, REDELIVERY_DELAY) && is_shorter(REDELIVERY_DELAY, VISIBILITY_TIMEOUT));
const _: () = assert!(VISIBILITY_TIMEOUT.as_secs() >= 6 * FUNCTION_TIMEOUT.as_secs());
// An invocation has enough time for one document, even if the provider takes as long as it may.
const _: () = assert!(is_shorter(sum(DOCUMENT_WORK_TIME, MAX_PROVIDER_TIMEOUT), FUNCTION_TIMEOUT));
const _: () = assert!(!is_shorter(MAX_PROVIDER_TIMEOUT, PROVIDER_TIMEOUT));
// Even if each attempt costs as many receipts as a batch has messages, the attempts are used up before the
// message becomes a dead letter.
const _: () = assert!(MAX_RECEIVES > MAX_ATTEMPTS as u32 * QUEUE_BATCH && MAX_RECEIVES <= MAX_RECEIVE_COUNT);
const _: () = assert!(is_shorter(FIRST_RETRY_DELAY, MAX_RETRY_DELAY));
// SQS accepts every delay that the vault sets, so that no message comes back before its document's delay is
// over.
const _: () = assert!(is_shorter(sum(MAX_RETRY_DELAY, CLOCK_SKEW), MAX_VISIBILITY_TIMEOUT));
const _: () = assert!(is_shorter(sum(MAX_PROVIDER_PAUSE, CLOCK_SKEW), MAX_VISIBILITY_TIMEOUT));
const _: () = assert!(is_shorter(VISIBILITY_TIMEOUT, MAX_VISIBILITY_TIMEOUT));
// A postponed message comes back before the sweep sends a nudge for its document.
const _: () = assert!(is_shorter(CLOCK_SKEW, NUDGE_GRACE));
// An upload does not count as abandoned while its URL is valid.
const _: () = assert!(is_shorter(URL_LIFETIME, ABANDONED_AFTER));
// The largest upload, at half a megabit per second, ends within this time.
const _: () = assert!(MAX_UPLOAD_BYTES as u64 * 8 <= 500_000 * SLOWEST_PUT.as_secs());
// The queue delivers its messages again before the sweep sends nudges. A nudge that the sweep has postponed
// is due at a later sweep.
const _: () =
    assert!(is_shorter(VISIBILITY_TIMEOUT, NUDGE_GRACE) && is_shorter(NUDGE_GRACE, NUDGE_REPEAT_DELAY));
const _: () =
    assert!(is_shorter(NUDGE_REPEAT_DELAY, SWEEP_INTERVAL) && is_shorter(NUDGE_RETRY_DELAY, SWEEP_INTERVAL));
const _: () = assert!(is_shorter(FIRST_REMOVAL_DELAY, SWEEP_INTERVAL));
const _: () = assert!(is_shorter(FIRST_REMOVAL_DELAY, MAX_REMOVAL_DELAY));
// A batch of the sweep ends within the invocation. Removals: one statement takes them, one request goes to
// the store, and one statement records the result. Nudges: one statement takes them, or one request sends
// some of them, and one statement returns those that were not sent.
const _: () = {
    let statement = postgres::LONGEST_STATEMENT;
    assert!(is_shorter(sum(sum(statement, sdk::STORE_BATCH.operation), statement), SWEEP_RESERVE));
    assert!(is_shorter(sum(statement, statement), SWEEP_RESERVE));
    assert!(is_shorter(sum(sdk::QUEUE.operation, statement), SWEEP_RESERVE));
};
// A step of an audit ends within the invocation, too. The ledger: one statement reads a page, and one saves
// the step. A store: one request lists a page, and one statement compares it; or one object is checked again,
// by two requests if it is empty. Then one statement saves the step. A repair checks one object in the same
// way, and then one statement repairs it.
const _: () = {
    let statement = postgres::LONGEST_STATEMENT;
    assert!(is_shorter(sum(statement, statement), SWEEP_RESERVE));
    assert!(is_shorter(sum(sum(sdk::STORE_BATCH.operation, statement), statement), SWEEP_RESERVE));
    let check = sum(sdk::STORE.operation, sdk::STORE.operation);
    assert!(is_shorter(sum(check, statement), SWEEP_RESERVE));
};
const _: () = assert!(is_shorter(SWEEP_INTERVAL, AUDIT_INTERVAL));
const _: () = assert!(is_shorter(SWEEP_RESERVE, FUNCTION_TIMEOUT));
// A request is answered before the gateway gives up, even if the database, or the database and then the
// store, does not answer.
const _: () = assert!(is_shorter(sum(postgres::WAIT_TIMEOUT, postgres::LONGEST_STATEMENT), GATEWAY_TIMEOUT));
const _: () = assert!(is_shorter(sum(postgres::LONGEST_STATEMENT, sdk::STORE.operation), GATEWAY_TIMEOUT));
// A deletion is answered in time, too, if the store does not answer.
const _: () = assert!(is_shorter(sum(postgres::LONGEST_STATEMENT, sdk::REMOVAL_TIMEOUT), GATEWAY_TIMEOUT));
// A worker has a mail as long as it runs. It ends the current mail, and records it, before its invocation
// ends: one statement claims the mail, the server takes it, and one statement records it.
const _: () = assert!(is_shorter(FUNCTION_TIMEOUT, MAIL_LEASE));
const _: () = {
    let statement = postgres::LONGEST_STATEMENT;
    assert!(is_shorter(sum(sum(statement, MAIL_TIMEOUT), statement), MAIL_RESERVE));
    assert!(is_shorter(MAIL_RESERVE, FUNCTION_TIMEOUT));
};
// A mail with a link is tried several times before the link expires.
const _: () = assert!(is_shorter(FIRST_MAIL_PAUSE, MAX_MAIL_PAUSE));
const _: () = assert!(3 * MAX_MAIL_PAUSE.as_secs() < RESET_LIFETIME.as_secs());
