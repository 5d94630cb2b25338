//! Lists come in pages, newest first: by when things were made, and by id where that is equal. A cursor is opaque: the place of the
//! last thing seen, tied to its reader and its list (SPEC section 3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::id::UserId;
use crate::{Error, Result};

/// A part of a list.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask for the next page with; null: this was the last.
    pub next_cursor: Option<String>,
}

/// Where a thing stands in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When it was made; microseconds count.
    pub created_at: OffsetDateTime,
    /// Its id.
    pub id: Uuid,
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    list: &'static str,
    reader: UserId,
    limit: usize,
    after: Option<Place>,
}

impl Paging {
    /// Reads what was asked for of the list with this name: `limit` is 1 to 100, default 50; a cursor that is malformed, another user's
    /// or another list's is refused.
    pub fn parse(
        list: &'static str,
        reader: UserId,
        limit: Option<usize>,
        cursor: Option<&str>,
    ) -> Result<Self> {
        let limit = limit.unwrap_or(50);
        if !(1..=100).contains(&limit) {
            return Err(Error::Invalid("limit is 1 to 100".into()));
        }
        let refused = || Error::Invalid("the cursor is not one of this list".into());
        let after = cursor.map(|cursor| read(list, reader, cursor).ok_or_else(refused)).transpose()?;
        Ok(Self { list, reader, limit, after })
    }

    /// Only what comes after this, which is older.
    pub const fn after(&self) -> Option<Place> {
        self.after
    }

    /// How many to look up: one more than is shown tells whether there is a next page.
    pub const fn most(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// The page that these make, [`Self::most`] at most.
    pub fn page<T>(self, mut items: Vec<T>, place: impl Fn(&T) -> Place) -> Page<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|last| write(self.list, self.reader, place(last)));
        Page { items, next_cursor }
    }
}

/// Reader, microseconds, id, and the list's name, in bytes.
fn write(list: &str, reader: UserId, last: Place) -> String {
    let micros = (last.created_at.unix_timestamp_nanos() / 1_000) as i64;
    let id = last.id.into_bytes();
    URL_SAFE_NO_PAD.encode([&reader.0.into_bytes()[..], &micros.to_be_bytes(), &id, list.as_bytes()].concat())
}

fn read(list: &str, reader: UserId, cursor: &str) -> Option<Place> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (micros, id) =
        bytes.strip_prefix(reader.0.as_bytes())?.strip_suffix(list.as_bytes())?.split_first_chunk::<8>()?;
    let micros = i64::from_be_bytes(*micros);
    // Only a cursor that its reader has made up says so. The database takes no time at all: not those before 4713 BC.
    if micros < 0 {
        return None;
    }
    let nanos = i128::from(micros) * 1_000;
    let created_at = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
    Some(Place { created_at, id: Uuid::from_slice(id).ok()? })
}
