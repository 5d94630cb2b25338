//! Times in the API: RFC 3339 in UTC, with six digits of a second, which is the precision of Postgres. All
//! times have the same length, so clients can sort them as text.
#![expect(
    missing_docs,
    reason = "the macro generates the functions that serde needs, and takes no doc comments for them"
)]

use time::OffsetDateTime;

time::serde::format_description!(
    pub mod utc [OffsetDateTime] = "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
);
