"""The check of log events and metrics finds them in the source and on the page."""

import unittest

from dev import events
from dev.events import Event, Metric

SOURCE = '''
#[cfg(test)]
mod sample;
// tracing::info!("in a comment");
tracing::info!(method, route, "request answered");
tracing::warn!(
    alarm = "object_changed",
    document = %key.document(a, b),
    error = format!("{:#}, ()", error),
    ?report,
    "it is \\"not\\" {}, as {name}",
    3
);
tracing::info!(
    document = %id,
    dimension.code = code,
    metric.refused_uploads = 1,
    metric.refused_bytes = size,
    metric.wait_us = waited.as_micros() as u64,
    "refused"
);
tracing::info!(metric.oldest_s = overdue_s, metric.sweeps = 1, "swept");

#[cfg(test)]
mod tests {
    fn event() { tracing::info!(metric.tests = 1, "in a test"); }
}
'''

PAGE = """
| message | level | fields | when | what to do |
|---|---|---|---|---|
| `a b` | WARN | `x_us`, `error` | when `y` | what |
| `c` | INFO | | | |

| metric | unit | dimension | line | what |
|---|---|---|---|---|
| `x_us` | microseconds | | `a b` | how long |
| `y` | count | `code` | `c` | how many |
"""


class Events(unittest.TestCase):
    """Finding events and metrics in calls of macros, and in rows of the page."""

    def test_a_call_is_a_message_with_the_names_of_its_fields(self) -> None:
        self.assertEqual(list(events.find_events(SOURCE)), [
            Event("request answered", "INFO", ("method", "route")),
            Event('it is \\"not\\" {}, as {name}', "WARN", ("alarm", "document", "error", "report")),
            Event("refused", "INFO", ("code", "document", "refused_bytes", "refused_uploads", "wait_us")),
            Event("swept", "INFO", ("oldest_s", "sweeps")),
        ])

    def test_a_field_with_the_prefix_of_metrics_is_a_metric_with_the_unit_of_its_name(self) -> None:
        self.assertEqual(list(events.find_metrics(SOURCE)), [
            Metric("refused_uploads", "count", "code", "refused"),
            Metric("refused_bytes", "bytes", "code", "refused"),
            Metric("wait_us", "microseconds", "code", "refused"),
            Metric("oldest_s", "seconds", "", "swept"),
            Metric("sweeps", "count", "", "swept"),
        ])

    def test_a_row_is_a_message_with_the_names_of_its_fields_or_a_metric(self) -> None:
        self.assertEqual(list(events.read_page(PAGE)), [Event("a b", "WARN", ("error", "x_us")), Event("c", "INFO", ())])
        self.assertEqual(list(events.read_metrics(PAGE)),
                         [Metric("x_us", "microseconds", "", "a b"), Metric("y", "count", "code", "c")])

    def test_metrics_that_cloudwatch_would_not_accept_are_found(self) -> None:
        self.assertEqual(list(events.find_misuse(SOURCE)), [])
        many = "".join(f"metric.m{number} = 1, " for number in range(101))
        for call, breach in [
            ("metric.bytes = %size, \"a\"", "the metric bytes would be a text"),
            ("metric.bytes = ?size, \"a\"", "the metric bytes would be a text"),
            ("code, dimension.code = code, \"a\"", '"a" has the field code twice'),
            (f"{many}\"a\"", '"a" has too many metrics or dimensions'),
        ]:
            self.assertEqual(list(events.find_misuse(f"tracing::info!({call});")), [breach])


if __name__ == "__main__":
    unittest.main()
