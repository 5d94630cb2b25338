"""The metrics of the source are found, each with the dimensions of its log event."""

import unittest

from dev.metric_names import Metric, find_metrics

SOURCE = '''
fn log(size: u64) {
    // tracing::info!(metric.commented = 1, "not written");
    tracing::info!(document = %id, metric.confirmed_bytes = size, metric.confirmed_uploads = 1, "an upload");
    tracing::warn!(
        metric.refused_uploads = 1,
        dimension.code = problem.code("a, b"),
        "refused"
    );
    tracing::info!(duration_us, "no metric");
}
#[cfg(test)]
mod tests { fn log() { tracing::info!(metric.tested = 1, "a test"); } }
'''


class MetricsTest(unittest.TestCase):
    def test_metrics_have_the_dimensions_of_their_event(self):
        self.assertEqual(list(find_metrics("src/a.rs", SOURCE)), [
            Metric("confirmed_bytes", (), "src/a.rs"), Metric("confirmed_uploads", (), "src/a.rs"),
            Metric("refused_uploads", ("code",), "src/a.rs")])


if __name__ == "__main__":
    unittest.main()
