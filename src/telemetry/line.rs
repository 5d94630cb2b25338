//! The format of a log line: `{"timestamp": .., "level": .., "function": .., "message": .., ..}`, with the
//! event's own fields first, then those of its spans, then the trace and what CloudWatch needs for metrics.
//! The JSON formatter of `tracing-subscriber` could write the same fields as nested objects, but it parses
//! and writes the fields of the spans again for every event (docs/SPEED.md).

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::metrics::{DIMENSION, METRIC, Metrics};
use crate::trace::Trace;

/// Writes an event as one line.
pub(super) struct Line {
    /// The name of the function, which every line has.
    function: Option<&'static str>,
    /// CloudWatch's namespace of the metrics. `None`: the fields that are metrics are not marked as such.
    namespace: Option<String>,
}

impl Line {
    pub const fn new(function: Option<&'static str>, namespace: Option<String>) -> Self {
        Self { function, namespace }
    }
}

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
        if let Some(function) = self.function {
            write!(writer, ",\"function\":\"{function}\"")?;
        }
        let metrics = write_fields(writer.by_ref(), event)?;
        for span in context.event_scope().into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                writer.write_str(fields)?;
            }
        }
        if let Some(trace) = Trace::current() {
            write!(writer, ",\"trace_id\":\"{}\"", trace.id())?;
        }
        if let Some(namespace) = &self.namespace {
            metrics.write(namespace, &mut writer)?;
        }
        writer.write_str("}\n")
    }
}

/// Writes each field as `,"name":value`. The fields of a span are formatted once, and their text is repeated
/// for each of its events.
pub(super) struct Fields;

impl<'writer> FormatFields<'writer> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        write_fields(writer, fields).map(drop)
    }
}

/// Writes fields, and returns which of them are metrics and dimensions.
fn write_fields(writer: Writer<'_>, fields: impl RecordFields) -> Result<Metrics, fmt::Error> {
    let mut visitor = Visitor { writer, written: Ok(()), metrics: Metrics::default() };
    fields.record(&mut visitor);
    visitor.written.map(|()| visitor.metrics)
}

struct Visitor<'writer> {
    writer: Writer<'writer>,
    written: fmt::Result,
    metrics: Metrics,
}

impl Visitor<'_> {
    fn write(&mut self, name: &str, value: impl fmt::Display) {
        if self.written.is_ok() {
            self.written = write!(self.writer, ",\"{name}\":{value}");
        }
    }

    /// Writes a number, which may be a metric.
    fn write_number(&mut self, field: &Field, value: impl fmt::Display) {
        let name = field.name();
        let metric = name.strip_prefix(METRIC);
        self.metrics.metrics.extend(metric);
        self.write(metric.unwrap_or(name), value);
    }
}

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    /// Writes a text, which may be a dimension.
    fn record_str(&mut self, field: &Field, value: &str) {
        let name = field.name();
        let dimension = name.strip_prefix(DIMENSION);
        self.metrics.dimensions.extend(dimension);
        match serde_json::to_string(value) {
            Ok(json) => self.write(dimension.unwrap_or(name), json),
            Err(_) => self.written = Err(fmt::Error),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write_number(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write_number(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field.name(), value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::{Value, json};
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::{Fields, Line};
    use crate::trace::Trace;

    /// Returns the lines that a function writes while `events` runs.
    fn capture_lines(namespace: Option<&str>, events: impl FnOnce()) -> String {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let line = Line::new(Some("confirm"), namespace.map(str::to_owned));
        let layer = tracing_subscriber::fmt::layer().event_format(line).fmt_fields(Fields);
        let layer = layer.with_writer(Mutex::new(writer));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), events);
        std::io::read_to_string(&mut reader).unwrap()
    }

    /// Parses the one line in a text, and removes its timestamp.
    fn parse_line(text: &str) -> Value {
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let mut line: Value = serde_json::from_str(text).unwrap();
        assert_eq!(line.as_object_mut().unwrap().remove("timestamp").unwrap().as_str().unwrap().len(), 27);
        line
    }

    #[test]
    fn an_event_is_one_line_of_flat_json_with_the_fields_of_its_spans_and_the_trace() {
        let trace = Trace::start();
        let text = capture_lines(Some("DocuVault"), || {
            let _outer = tracing::info_span!("outer", request_id = "r1").entered();
            let _inner = tracing::info_span!("inner", document = %"d1", attempt = 2).entered();
            trace.enter(|| {
                tracing::warn!(status = 503_u64, delta = -1_i64, ends = true, why = ?Some("x"), "it {}", "failed");
            });
        });
        let expected = json!({
            "level": "WARN", "function": "confirm", "message": "it failed", "status": 503, "delta": -1,
            "ends": true, "why": "Some(\"x\")", "request_id": "r1", "document": "d1", "attempt": 2,
            "trace_id": trace.id().to_string(),
        });
        assert_eq!(parse_line(&text), expected);
    }

    #[test]
    fn metrics_are_fields_with_bare_names_and_the_member_that_cloudwatch_reads() {
        let event = || {
            tracing::info!(
                dimension.code = "quota_exceeded",
                metric.refused_uploads = 1,
                metric.refused_bytes = 56_i64,
                metric.input_tokens = None::<u64>,
                "refused"
            );
        };
        let mut line = parse_line(&capture_lines(Some("DocuVault/prod"), event));
        let mut marked = line.as_object_mut().unwrap().remove("_aws").unwrap();
        let expected = json!({
            "level": "INFO", "function": "confirm", "message": "refused", "code": "quota_exceeded",
            "refused_uploads": 1, "refused_bytes": 56,
        });
        assert_eq!(line, expected);
        let now_ms = time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
        let timestamp = marked["Timestamp"].take().as_i64().unwrap();
        assert!((now_ms - 60_000..=now_ms).contains(&timestamp.into()), "{timestamp}");
        let expected = json!({"Timestamp": null, "CloudWatchMetrics": [{
            "Namespace": "DocuVault/prod", "Dimensions": [[], ["code"]],
            "Metrics": [
                {"Name": "refused_uploads", "Unit": "Count"}, {"Name": "refused_bytes", "Unit": "Bytes"},
            ],
        }]});
        assert_eq!(marked, expected);
        assert_eq!(parse_line(&capture_lines(None, event)), line, "without a namespace");
    }

    #[test]
    fn only_numbers_are_metrics_and_only_texts_are_dimensions() {
        let text = capture_lines(Some("DocuVault"), || {
            tracing::info!(metric.text = "7", metric.shown = %7, dimension.number = 7, "wrong");
        });
        assert!(!text.contains("_aws"), "{text}");
        let text = capture_lines(Some("DocuVault"), || tracing::info!(status = 200, code = "a", "none"));
        assert!(!text.contains("_aws"), "{text}");
    }

    #[test]
    fn values_are_escaped_and_cannot_add_lines_or_fields() {
        let value = "a\"b\\c\n{\"level\":\"ERROR\"}\u{0}\u{1b}[31m\u{7f}\u{2028}";
        let text = capture_lines(None, || {
            let _span = tracing::info_span!("span", inside = value).entered();
            tracing::info!(plain = value, shown = %value, "{value}");
        });
        let line = parse_line(&text);
        for field in ["inside", "plain", "shown", "message"] {
            assert_eq!(line[field], value, "{field}");
        }
    }
}
