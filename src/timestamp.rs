//! Times in the API: RFC 3339 in UTC, with six digits of a second, which is the precision of Postgres. All
//! times have the same length, so clients can sort them as text.

use std::num::NonZeroU8;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::iso8601::{Config, EncodedConfig, TimePrecision};
use time::format_description::well_known::{Iso8601, Rfc3339};

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

/// Reads a time in RFC 3339, as Postgres writes it in JSON, for `#[serde(deserialize_with)]`.
///
/// # Errors
///
/// Fails if the text is no such time.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
    let text = <&str>::deserialize(deserializer)?;
    OffsetDateTime::parse(text, &Rfc3339).map_err(D::Error::custom)
}

/// Reads a time, or null, for `#[serde(deserialize_with)]`.
///
/// # Errors
///
/// Fails like [`read`].
pub fn read_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OffsetDateTime>, D::Error> {
    let text = <Option<&str>>::deserialize(deserializer)?;
    text.map(|text| OffsetDateTime::parse(text, &Rfc3339)).transpose().map_err(D::Error::custom)
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

    #[test]
    fn a_time_that_postgres_has_written_is_read() {
        for (text, expected) in [
            ("\"2026-01-02T03:04:05.000006+00:00\"", datetime!(2026-01-02 03:04:05.000006 UTC)),
            ("\"2026-01-02T03:04:05.1+02:00\"", datetime!(2026-01-02 01:04:05.1 UTC)),
            ("\"2026-01-02T03:04:05+00:00\"", datetime!(2026-01-02 03:04:05 UTC)),
        ] {
            assert_eq!(read(&mut serde_json::Deserializer::from_str(text)).unwrap(), expected, "{text}");
        }
        let null = read_or_null(&mut serde_json::Deserializer::from_str("null"));
        assert_eq!(null.unwrap(), None);
    }
}
