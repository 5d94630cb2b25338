//! Pages of lists. Lists are sorted by creation time and then by id, newest first. A cursor is opaque: it
//! holds the position of the last item, and is valid for one reader and one list (SPEC section 3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::id::UserId;
use crate::{Error, Result};

/// The most items that a page may have.
pub const MAX_LIMIT: usize = 100;

/// How many items a page has at most, unless the request says how many.
pub const DEFAULT_LIMIT: usize = 50;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// What is on the page.
    #[schema(max_items = 100)]
    pub items: Vec<T>,
    /// The `cursor` of the next page; null: this is the last page.
    #[schema(required, max_length = 100, examples("AZwTY0nAcAC..."))]
    pub next_cursor: Option<String>,
}

/// Which page of a list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many items a page has at most.
    #[param(minimum = 1, maximum = 100, default = 50, example = 20)]
    pub limit: Option<usize>,
    /// The `next_cursor` of the page before. A cursor belongs to one list and one account.
    #[param(max_length = 100, example = "AZwTY0nAcAC...")]
    pub cursor: Option<String>,
}

/// The position of an item in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// When the item was created, in microseconds.
    pub created_at: OffsetDateTime,
    /// The item's id.
    pub id: Uuid,
}

/// The page that a request asks for.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    list: &'static str,
    reader: UserId,
    limit: usize,
    after: Option<Position>,
}

impl Paging {
    /// Reads the parameters of a request for the list with this name.
    ///
    /// # Errors
    /// [`Error::Invalid`] if `limit` (default 50) is not 1 to 100, and for a cursor that is malformed or
    /// belongs to another reader or another list.
    pub fn parse(list: &'static str, reader: UserId, query: &PageQuery) -> Result<Self> {
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Error::Invalid("limit is 1 to 100".into()));
        }
        let refused = || Error::Invalid("the cursor is not one of this list".into());
        let cursor = query.cursor.as_deref();
        let after = cursor.map(|cursor| decode(list, reader, cursor).ok_or_else(refused)).transpose()?;
        Ok(Self { list, reader, limit, after })
    }

    /// The position after which the page begins; none: at the newest item.
    pub const fn after(&self) -> Option<Position> {
        self.after
    }

    /// How many items to read: one more than the page has, which tells whether there is a next page.
    pub const fn read_limit(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// Makes the page of the items that were read, at most [`Self::read_limit`].
    pub fn page<T>(self, mut items: Vec<T>, place: impl Fn(&T) -> Position) -> Page<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|last| encode(self.list, self.reader, place(last)));
        Page { items, next_cursor }
    }
}

/// The bytes of a cursor: reader, microseconds, id, the list's name.
fn encode(list: &str, reader: UserId, last: Position) -> String {
    let micros = (last.created_at.unix_timestamp_nanos() / 1_000) as i64;
    let id = last.id.into_bytes();
    URL_SAFE_NO_PAD.encode([&reader.0.into_bytes()[..], &micros.to_be_bytes(), &id, list.as_bytes()].concat())
}

fn decode(list: &str, reader: UserId, cursor: &str) -> Option<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (micros, id) =
        bytes.strip_prefix(reader.0.as_bytes())?.strip_suffix(list.as_bytes())?.split_first_chunk::<8>()?;
    let micros = i64::from_be_bytes(*micros);
    // Only an invented cursor has such a time, and Postgres refuses times before 4713 BC.
    if micros < 0 {
        return None;
    }
    let nanos = i128::from(micros) * 1_000;
    let created_at = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
    Some(Position { created_at, id: Uuid::from_slice(id).ok()? })
}
