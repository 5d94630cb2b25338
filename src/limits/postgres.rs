//! Time-outs of connections and statements.

use std::time::Duration;

use super::{is_shorter, sum};

/// The time-out for opening a TCP connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The time in which the server's kernel must acknowledge sent data (`tcp_user_timeout`). After it, the
/// connection counts as broken.
pub const ACKNOWLEDGEMENT_TIMEOUT: Duration = Duration::from_secs(5);

/// The time-out until a new connection is ready: TCP, TLS and authentication.
pub const CREATE_TIMEOUT: Duration = Duration::from_secs(4);

/// The time for which a request waits for the pool's only connection while another request uses it.
pub const WAIT_TIMEOUT: Duration = Duration::from_secs(10);

/// The idle time up to which a connection is used without a check. It is shorter than the 350 seconds after
/// which AWS's NAT gateway drops an idle connection.
pub const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// The time-out of the check of an idle connection.
pub const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// The time for which a statement waits for a lock (`lock_timeout` in `migrations/roles.sql`).
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// The time after which the server cancels a statement (`statement_timeout` in `migrations/roles.sql`).
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// The time after which the server cancels a statement of a migration (`statement_timeout` of
/// `docuvault_migrate` in `migrations/roles.sql`). It applies to each statement of a file. Without it, a
/// statement whose invocation was killed would go on, and hold the lock that the next invocation of `migrate`
/// needs.
pub const MIGRATION_STATEMENT_TIMEOUT: Duration = Duration::from_secs(70);

/// The time for which the vault waits for the answer to a statement. It is longer than the server's own
/// time-out, so a server that has not answered by then will never answer.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(11);

/// The longest time that one statement can take: the check of an idle connection fails, a new connection is
/// opened, and the answer comes at the last moment.
pub const LONGEST_STATEMENT: Duration = sum(CHECK_TIMEOUT, sum(CREATE_TIMEOUT, ANSWER_TIMEOUT));

// The server's error, for a lock or for the time-out, arrives before the vault stops waiting.
const _: () =
    assert!(is_shorter(LOCK_TIMEOUT, STATEMENT_TIMEOUT) && is_shorter(STATEMENT_TIMEOUT, ANSWER_TIMEOUT));
const _: () = assert!(is_shorter(CONNECT_TIMEOUT, CREATE_TIMEOUT));
const _: () = assert!(is_shorter(TRUSTED_IDLE, Duration::from_secs(350)));
