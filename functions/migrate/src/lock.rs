//! The lock on the schema, so that one run changes it at a time. It is an advisory lock of Postgres, which
//! belongs to the connection that took it.

use std::time::{Duration, Instant};

use docuvault::db::schema::{TRY_LOCK, UNLOCK, end_holder};
use docuvault::deadline::Deadline;
use sqlx::{Connection as _, PgConnection};

use crate::{Capabilities, Error};

/// The time for which a run waits until another one has ended. A statement of `docuvault_migrate` waits as
/// long for a lock (`migrations/roles.sql`).
const WAIT: Duration = Duration::from_secs(30);

/// The pause between two attempts to get the lock.
const PAUSE: Duration = Duration::from_millis(100);

/// Does work on a connection that has the lock. If the work is not done at `stop_at`, the server ends the
/// connection: otherwise it would go on with its statement, and the next run would not get the lock.
///
/// # Errors
/// Another run did not end in time, the work failed or was stopped, or the lock was lost meanwhile.
pub(crate) async fn hold<T>(
    with: &Capabilities,
    stop_at: Deadline,
    work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut connection = with.connect().await?;
    let holder = take(&mut connection).await?;
    let Some(done) = stop_at.limit(work(&mut connection)).await else {
        end_holder(&with.db, holder).await?;
        return Err(Error::TooSlow);
    };
    let kept = sqlx::query_scalar::<_, bool>(UNLOCK).fetch_one(&mut connection).await;
    let done = done?;
    if !kept? {
        return Err(Error::LockLost);
    }
    connection.close().await?;
    Ok(done)
}

/// Takes the lock. Returns the id of the server process that has it.
async fn take(connection: &mut PgConnection) -> Result<i32, Error> {
    let began = Instant::now();
    loop {
        if let Some(holder) = sqlx::query_scalar(TRY_LOCK).fetch_optional(&mut *connection).await? {
            return Ok(holder);
        }
        if began.elapsed() > WAIT {
            return Err(Error::Locked);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
