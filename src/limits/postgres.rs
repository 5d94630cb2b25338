//! How long the vault waits for Postgres.

use std::time::Duration;

use super::{is_shorter, sum};

/// How long a TCP connection may take to open.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long the server may leave what was sent to it unacknowledged (`tcp_user_timeout`).
pub const UNACKNOWLEDGED: Duration = Duration::from_secs(5);

/// How long a connection may take to be ready: TCP, TLS, authentication.
pub const CREATE_TIMEOUT: Duration = Duration::from_secs(4);

/// How long a request waits for the pool's one connection while another one has it.
pub const WAIT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may be idle and be used without a check: shorter than the 350 seconds after which a
/// NAT gateway forgets it.
pub const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// How long a connection may take to answer such a check.
pub const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a statement waits for a lock: `lock_timeout` in `migrations/roles.sql`.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the server lets a statement run: `statement_timeout` in `migrations/roles.sql`.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the vault waits for the answer to a statement. A server that has not answered by then never will:
/// it would have ended the statement.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(11);

/// The longest time that one statement takes: the check of an idle connection fails, a new connection is
/// opened, and the answer comes late.
pub const LONGEST_STATEMENT: Duration = sum(CHECK_TIMEOUT, sum(CREATE_TIMEOUT, ANSWER_TIMEOUT));

// The server says why a statement failed: a lock that was not given, or the time. Both before the vault stops
// listening.
const _: () =
    assert!(is_shorter(LOCK_TIMEOUT, STATEMENT_TIMEOUT) && is_shorter(STATEMENT_TIMEOUT, ANSWER_TIMEOUT));
const _: () = assert!(is_shorter(CONNECT_TIMEOUT, CREATE_TIMEOUT));
const _: () = assert!(is_shorter(TRUSTED_IDLE, Duration::from_secs(350)));
