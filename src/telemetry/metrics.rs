//! Metrics in CloudWatch's embedded metric format: the member `_aws` of a log line says which of the line's
//! fields are metrics. CloudWatch Logs reads them from the line, so a function sends no request for them. The
//! format allows 100 metrics in a line, and 30 dimensions in a set; `./dev check` counts them.

use std::fmt::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

/// The beginning of the name of a field whose number is a metric. The line has the rest of the name.
pub(super) const METRIC: &str = "metric.";

/// The beginning of the name of a field whose text is a dimension of the line's metrics. The line has the
/// rest of the name.
pub(super) const DIMENSION: &str = "dimension.";

/// The names of the metrics and dimensions that a line has.
#[derive(Default)]
pub(super) struct Metrics {
    pub metrics: Vec<&'static str>,
    pub dimensions: Vec<&'static str>,
}

impl Metrics {
    /// Writes the member `_aws`, or nothing if the line has no metrics. CloudWatch keeps each metric without
    /// dimensions, and once more for each value of each dimension. Names are those of fields in the source,
    /// and need no escaping.
    pub fn write(&self, namespace: &str, writer: &mut impl Write) -> fmt::Result {
        if self.metrics.is_empty() {
            return Ok(());
        }
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        write!(writer, ",\"_aws\":{{\"Timestamp\":{now_ms},\"CloudWatchMetrics\":[")?;
        write!(writer, "{{\"Namespace\":\"{namespace}\",\"Dimensions\":[[]")?;
        for name in &self.dimensions {
            write!(writer, ",[\"{name}\"]")?;
        }
        writer.write_str("],\"Metrics\":[")?;
        for (index, name) in self.metrics.iter().enumerate() {
            let (comma, unit) = (if index == 0 { "" } else { "," }, unit_of(name));
            write!(writer, "{comma}{{\"Name\":\"{name}\",\"Unit\":\"{unit}\"}}")?;
        }
        writer.write_str("]}]}")
    }
}

/// Returns CloudWatch's name of a metric's unit. The end of the metric's name says which it is.
fn unit_of(name: &str) -> &'static str {
    match name.rsplit_once('_') {
        Some((_, "bytes")) => "Bytes",
        Some((_, "us")) => "Microseconds",
        Some((_, "s")) => "Seconds",
        _ => "Count",
    }
}

#[cfg(test)]
mod tests {
    use super::unit_of;

    #[test]
    fn the_end_of_a_name_is_its_unit() {
        for (name, unit) in [
            ("confirmed_bytes", "Bytes"),
            ("provider_us", "Microseconds"),
            ("oldest_tombstone_s", "Seconds"),
            ("sweeps", "Count"),
            ("input_tokens", "Count"),
            ("bytes", "Count"),
        ] {
            assert_eq!(unit_of(name), unit, "{name}");
        }
    }
}
