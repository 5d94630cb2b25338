//! Times in the API: RFC 3339 in UTC, with six digits of a second, which is the precision of Postgres. All
//! times have the same length, so clients can sort them as text.

use std::num::NonZeroU8;

use serde::Serializer;
use serde::ser::Error as _;
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;
use time::format_description::well_known::iso8601::{Config, EncodedConfig, TimePrecision};

/// The format of times, as a form of ISO 8601. The crate `time` writes it in a fifth of the instructions that
/// a format description takes. A list contains a hundred timestamps, so this matters (docs/SPEED.md).
const FORMAT: EncodedConfig = Config::DEFAULT
    .set_year_is_six_digits(false)
    .set_time_precision(TimePrecision::Second { decimal_digits: NonZeroU8::new(6) })
    .encode();

/// Writes a time, for `#[serde(serialize_with)]`.
///
/// # Errors
///
/// Fails if the year is negative or has more than four digits.
pub fn write_utc<S: Serializer>(time: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.format(&Iso8601::<FORMAT>).map_err(S::Error::custom)?)
}

/// Writes a time, or null, for `#[serde(serialize_with)]`.
///
/// # Errors
///
/// Fails like [`write_utc`].
pub fn write_utc_or_null<S: Serializer>(
    time: &Option<OffsetDateTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => write_utc(time, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_time_has_all_digits() {
        for (time, expected) in [
            (datetime!(2026-01-02 03:04:05.000006 UTC), "\"2026-01-02T03:04:05.000006Z\""),
            (datetime!(2026-12-31 23:59:59.999999 UTC), "\"2026-12-31T23:59:59.999999Z\""),
            (datetime!(0001-01-01 00:00:00 UTC), "\"0001-01-01T00:00:00.000000Z\""),
        ] {
            let mut text = Vec::new();
            write_utc(&time, &mut serde_json::Serializer::new(&mut text)).unwrap();
            assert_eq!(text, expected.as_bytes(), "{expected}");
        }
    }
}
