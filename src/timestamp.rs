//! Times on the wire: RFC 3339 in UTC, always with six digits of a second, as many as Postgres keeps (SPEC section 3). Equal lengths
//! let clients sort times as text.
#![expect(
    missing_docs,
    reason = "the macro's module has the functions that serde asks for, and no place for comments"
)]

use time::OffsetDateTime;

time::serde::format_description!(
    pub mod utc [OffsetDateTime] = "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
);
