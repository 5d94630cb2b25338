//! SQL statements for the audit, which compares the ledger with the documents, and the stores with the rows.
//! They change nothing but the audit's own cursors.

mod ledger;
mod objects;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::param::Params;
use super::{Database, Retry};
use crate::Result;
use crate::id::{DocumentId, UserId};
use crate::storage::ObjectKey;

pub use ledger::{Balance, read_balances};
pub use objects::{Comparison, Kind, Listed, Suspect, compare_objects};

/// The place of a document among all documents: by the owner's id, and then by its own. A store lists objects
/// in the same order, because their keys begin with these ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The owner's id.
    pub user: UserId,
    /// The document's id.
    pub document: DocumentId,
}

impl Place {
    /// The place before all documents.
    pub const FIRST: Self = Self { user: UserId(Uuid::nil()), document: DocumentId(Uuid::nil()) };
    /// The place behind all documents.
    pub const LAST: Self = Self { user: UserId(Uuid::max()), document: DocumentId(Uuid::max()) };

    /// Returns the place of the document in an object's key.
    pub const fn of(key: &ObjectKey) -> Self {
        Self { user: key.user(), document: key.document() }
    }
}

/// A position in an audit: what is before it was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Objects up to this key were compared.
    pub after_key: String,
    /// Rows up to this place were compared. The audit of the ledger uses only the id of the account.
    pub after: Place,
}

impl Default for Cursor {
    /// Returns the beginning.
    fn default() -> Self {
        Self { after_key: String::new(), after: Place::FIRST }
    }
}

/// An audit that is due.
#[derive(Debug)]
pub struct Due {
    /// The position at which the next step begins.
    pub cursor: Cursor,
    /// The number of steps that were saved so far.
    steps: i64,
}

impl Due {
    /// Returns the next step of the same audit, after a step was saved that ended at this position.
    #[must_use]
    pub const fn next(&self, cursor: Cursor) -> Self {
        Self { cursor, steps: self.steps + 1 }
    }
}

/// Finds the position of an audit. Returns `None` if its last pass has ended and began less than `interval`
/// ago.
pub async fn find_due(db: &Database, name: &str, interval: Duration) -> Result<Option<Due>> {
    let statement = "-- audit::find_due
        with added as (
            insert into audit_cursors (name) values ($1) on conflict (name) do nothing returning *
        )
        select c.steps, c.after_key, c.user_id, c.document_id
        from (select * from audit_cursors where name = $1 union all select * from added) c
        where not c.ended or c.begun_at <= now() - make_interval(secs => $2)";
    let params: Params<'_> = &[/* $1 */ &name, /* $2 */ &interval.as_secs_f64()];
    let row = db.query_opt(Retry::Safe, statement, params).await?;
    row.map(|row| {
        let after = Place { user: row.try_get("user_id")?, document: row.try_get("document_id")? };
        let cursor = Cursor { after_key: row.try_get("after_key")?, after };
        Ok(Due { cursor, steps: row.try_get("steps")? })
    })
    .transpose()
}

/// Saves a step: moves the cursor to `to`, or ends the pass if `to` is `None`. Returns those of `keys` that
/// belong to confirmed documents now. Returns `None`, and changes nothing, if another audit has saved a step
/// since `from` was found. The result of this step must be thrown away then.
///
/// The statement is not repeated: a repetition could not tell its own first execution from another audit.
pub async fn save_step(
    db: &Database,
    name: &str,
    from: &Due,
    to: Option<&Cursor>,
    keys: &[String],
) -> Result<Option<Vec<String>>> {
    let statement = "-- audit::save_step
        with saved as (
            update audit_cursors c set steps = c.steps + 1, ended = $3, after_key = $4, user_id = $5,
                document_id = $6, begun_at = case when c.ended then now() else c.begun_at end
            where c.name = $1 and c.steps = $2
            returning c.name
        )
        select exists (select from saved) as saved,
            array(select d.object_key from documents d where d.object_key = any($7) and d.status <> 'pending')
                as confirmed";
    let ended = to.is_none();
    let Cursor { after_key, after } = to.cloned().unwrap_or_default();
    let params: Params<'_> = &[
        /* $1 */ &name,
        /* $2 */ &from.steps,
        /* $3 */ &ended,
        /* $4 */ &after_key,
        /* $5 */ &after.user,
        /* $6 */ &after.document,
        /* $7 */ &keys,
    ];
    let row = db.query_one(Retry::Never, statement, params).await?;
    let confirmed = row.try_get("confirmed")?;
    Ok(row.try_get::<_, bool>("saved")?.then_some(confirmed))
}

/// Returns whether the key belongs to a confirmed document.
pub async fn is_confirmed(db: &Database, key: &str) -> Result<bool> {
    let statement = "-- audit::is_confirmed
        select exists (select from documents d where d.object_key = $1 and d.status <> 'pending')";
    let row = db.query_one(Retry::Safe, statement, &[/* $1 */ &key]).await?;
    Ok(row.try_get(0)?)
}
