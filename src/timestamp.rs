//! Times in the API: RFC 3339 in UTC, always with six digits of a second, as many as Postgres keeps (SPEC
//! section 3). All have one length, so that clients can sort them as text.
#![expect(
    missing_docs,
    reason = "the macro's module has the functions that serde asks for, and no place for comments"
)]

use time::OffsetDateTime;

time::serde::format_description!(
    pub mod utc [OffsetDateTime] = "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
);
