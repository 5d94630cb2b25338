//! Pages of lists. Lists are sorted by creation time and then by id, newest first. A cursor contains the
//! position of the last item of a page. It is opaque to clients, and valid for one account and one list only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::id::UserId;
use crate::{Error, Result};

/// The largest value of `limit`.
pub const MAX_LIMIT: usize = 100;

/// The most items on a page if the request does not say how many.
pub const DEFAULT_LIMIT: usize = 50;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items of the page.
    #[schema(max_items = 100)]
    pub items: Vec<T>,
    /// The `cursor` with which to request the next page; null if this is the last page.
    #[schema(required, max_length = 100, examples("AZwTY0nAcAC..."))]
    pub next_cursor: Option<String>,
}

/// The parameters that choose a page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The most items on a page.
    #[param(minimum = 1, maximum = 100, default = 50, example = 20)]
    pub limit: Option<usize>,
    /// The `next_cursor` of the previous page. A cursor is valid for one list and one account only.
    #[param(max_length = 100, example = "AZwTY0nAcAC...")]
    pub cursor: Option<String>,
}

impl PageQuery {
    /// Returns the most items on a page.
    ///
    /// # Errors
    /// [`Error::Invalid`] if `limit` (default 50) is not from 1 to 100.
    pub fn limit(&self) -> Result<usize> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if (1..=MAX_LIMIT).contains(&limit) {
            Ok(limit)
        } else {
            Err(Error::Invalid("limit must be from 1 to 100".into()))
        }
    }
}

/// The position of an item in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The time at which the item was created, with a precision of microseconds.
    pub created_at: OffsetDateTime,
    /// The item's id.
    pub id: Uuid,
}

/// The page that a request asks for, with its parameters checked.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest {
    list: &'static str,
    reader: UserId,
    limit: usize,
    after: Option<Position>,
}

impl PageRequest {
    /// Checks the parameters of a request for a page of a list. `list` is the list's name, `reader` the
    /// account that reads it.
    ///
    /// # Errors
    /// [`Error::Invalid`] if `limit` (default 50) is not from 1 to 100. [`Error::Invalid`] if the cursor is
    /// malformed, or was issued to another reader or for another list.
    pub fn parse(list: &'static str, reader: UserId, query: &PageQuery) -> Result<Self> {
        let (limit, cursor) = (query.limit()?, query.cursor.as_deref());
        let after =
            cursor.map(|cursor| decode(list, reader, cursor).ok_or_else(refuse_cursor)).transpose()?;
        Ok(Self { list, reader, limit, after })
    }

    /// The position after which the page begins. `None`: the page begins with the newest item.
    pub const fn after(&self) -> Option<Position> {
        self.after
    }

    /// The number of items to read: one more than the page holds. The extra item shows that there is a next
    /// page.
    pub const fn read_limit(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// Builds the page from the items that were read, at most [`Self::read_limit`]. `place` returns the
    /// position of an item.
    pub fn page<T>(self, mut items: Vec<T>, place: impl Fn(&T) -> Position) -> Page<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|last| encode(self.list, self.reader, place(last)));
        Page { items, next_cursor }
    }
}

/// The error of a request with a cursor that is malformed, or was issued to another reader or for another
/// list.
pub(crate) fn refuse_cursor() -> Error {
    Error::Invalid("cursor must be the next_cursor of a page of this list".into())
}

/// Encodes a cursor: the reader's id, the time in microseconds, the item's id and the list's name, in base64.
pub(crate) fn encode(list: &str, reader: UserId, last: Position) -> String {
    let micros = (last.created_at.unix_timestamp_nanos() / 1_000) as i64;
    let id = last.id.into_bytes();
    URL_SAFE_NO_PAD.encode([&reader.0.into_bytes()[..], &micros.to_be_bytes(), &id, list.as_bytes()].concat())
}

/// Decodes a cursor. `None` if it is malformed, or was issued to another reader or for another list.
pub(crate) fn decode(list: &str, reader: UserId, cursor: &str) -> Option<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (micros, id) =
        bytes.strip_prefix(reader.0.as_bytes())?.strip_suffix(list.as_bytes())?.split_first_chunk::<8>()?;
    let micros = i64::from_be_bytes(*micros);
    // The vault issues no cursor with a negative time, and Postgres refuses times before 4713 BC.
    if micros < 0 {
        return None;
    }
    let nanos = i128::from(micros) * 1_000;
    let created_at = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
    Some(Position { created_at, id: Uuid::from_slice(id).ok()? })
}
