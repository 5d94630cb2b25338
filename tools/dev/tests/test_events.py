"""The check of log events finds them in the source and on the page."""

import unittest

from dev import events
from dev.events import Event

SOURCE = '''
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

#[cfg(test)]
mod tests {
    fn event() { tracing::info!("in a test"); }
}
'''


class Events(unittest.TestCase):
    """Finding events in calls of macros, and in rows of the page."""

    def test_a_call_is_a_message_with_the_names_of_its_fields(self) -> None:
        self.assertEqual(list(events.find_events(SOURCE)), [
            Event("request answered", "INFO", ("method", "route")),
            Event('it is \\"not\\" {}, as {name}', "WARN", ("alarm", "document", "error", "report")),
        ])

    def test_a_row_is_a_message_with_the_names_of_its_fields(self) -> None:
        page = "| message | level |\n| `a b` | WARN | `x_us`, `error` | when `y` | what |\n| `c` | INFO | | |\n"
        self.assertEqual(list(events.read_page(page)), [Event("a b", "WARN", ("error", "x_us")), Event("c", "INFO", ())])



if __name__ == "__main__":
    unittest.main()
