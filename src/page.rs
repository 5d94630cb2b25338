//! Lists come in pages, newest first. A cursor is opaque: the last id seen, tied to its reader (SPEC section 3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
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

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    reader: UserId,
    limit: usize,
    before: Option<Uuid>,
}

impl Paging {
    /// Reads what was asked for: `limit` is 1 to 100, default 50; a cursor that is malformed or another user's is refused.
    pub fn parse(reader: UserId, limit: Option<usize>, cursor: Option<&str>) -> Result<Self> {
        let limit = limit.unwrap_or(50);
        if !(1..=100).contains(&limit) {
            return Err(Error::Invalid("limit is 1 to 100".into()));
        }
        Ok(Self { reader, limit, before: cursor.map(|cursor| read(reader, cursor)).transpose()? })
    }

    /// Only what is older than this.
    pub const fn before(&self) -> Option<Uuid> {
        self.before
    }

    /// How many to look up: one more than is shown tells whether there is a next page.
    pub const fn most(&self) -> usize {
        self.limit + 1
    }

    /// The page that these make, [`Self::most`] at most.
    pub fn page<T>(self, mut items: Vec<T>, id: impl Fn(&T) -> Uuid) -> Page<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next_cursor = items.last().filter(|_| more).map(|last| write(self.reader, id(last)));
        Page { items, next_cursor }
    }
}

fn write(reader: UserId, last: Uuid) -> String {
    URL_SAFE_NO_PAD.encode([reader.0.into_bytes(), last.into_bytes()].concat())
}

fn read(reader: UserId, cursor: &str) -> Result<Uuid> {
    let refused = || Error::Invalid("the cursor is not one of this list".into());
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let last = bytes.strip_prefix(reader.0.as_bytes()).ok_or_else(refused)?;
    Uuid::from_slice(last).map_err(|_| refused())
}
