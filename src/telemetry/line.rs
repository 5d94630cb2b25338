//! The format of a log line: `{"timestamp": .., "level": .., "message": .., ..}`, with the event's own fields
//! first and then those of its spans. The JSON formatter of `tracing-subscriber` could write the same fields
//! as nested objects, but it parses and writes the fields of the spans again for every event (docs/SPEED.md).

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes an event as one line.
pub(super) struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, "\",\"level\":\"{}\"", event.metadata().level())?;
        context.format_fields(writer.by_ref(), event)?;
        for span in context.event_scope().into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                writer.write_str(fields)?;
            }
        }
        writer.write_str("}\n")
    }
}

/// Writes each field as `,"name":value`. The fields of a span are formatted once, and their text is repeated
/// for each of its events.
pub(super) struct Fields;

impl<'writer> FormatFields<'writer> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = Visitor { writer, written: Ok(()) };
        fields.record(&mut visitor);
        visitor.written
    }
}

struct Visitor<'writer> {
    writer: Writer<'writer>,
    written: fmt::Result,
}

impl Visitor<'_> {
    fn write(&mut self, field: &Field, value: impl fmt::Display) {
        if self.written.is_ok() {
            self.written = write!(self.writer, ",\"{}\":{value}", field.name());
        }
    }
}

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match serde_json::to_string(value) {
            Ok(json) => self.write(field, json),
            Err(_) => self.written = Err(fmt::Error),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::{Value, json};
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::{Fields, Line};

    /// Returns the lines that are written while `events` runs.
    fn capture_lines(events: impl FnOnce()) -> String {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let layer = tracing_subscriber::fmt::layer().event_format(Line).fmt_fields(Fields);
        let layer = layer.with_writer(Mutex::new(writer));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), events);
        std::io::read_to_string(&mut reader).unwrap()
    }

    #[test]
    fn an_event_is_one_line_of_flat_json_with_the_fields_of_its_spans() {
        let text = capture_lines(|| {
            let _outer = tracing::info_span!("outer", request_id = "r1").entered();
            let _inner = tracing::info_span!("inner", document = %"d1", attempt = 2).entered();
            tracing::warn!(status = 503_u64, delta = -1_i64, ends = true, why = ?Some("x"), "it {}", "failed");
        });
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let mut line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line.as_object_mut().unwrap().remove("timestamp").unwrap().as_str().unwrap().len(), 27);
        let expected = json!({
            "level": "WARN", "message": "it failed", "status": 503, "delta": -1, "ends": true, "why": "Some(\"x\")",
            "request_id": "r1", "document": "d1", "attempt": 2,
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn values_are_escaped_and_cannot_add_lines_or_fields() {
        let value = "a\"b\\c\n{\"level\":\"ERROR\"}\u{0}\u{1b}[31m\u{7f}\u{2028}";
        let text = capture_lines(|| {
            let _span = tracing::info_span!("span", inside = value).entered();
            tracing::info!(plain = value, shown = %value, "{value}");
        });
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        for field in ["inside", "plain", "shown", "message"] {
            assert_eq!(line[field], value, "{field}");
        }
    }
}
