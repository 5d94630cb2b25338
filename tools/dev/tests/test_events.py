"""How log events are found."""

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
    """Calls of macros, and rows of the page."""

    def test_a_call_is_a_message_with_the_names_of_its_fields(self) -> None:
        self.assertEqual(list(events.in_source(SOURCE)), [
            Event("request answered", "INFO", ("method", "route")),
            Event('it is \\"not\\" {}, as {name}', "WARN", ("alarm", "document", "error", "report")),
        ])

    def test_a_row_is_a_message_with_the_names_of_its_fields(self) -> None:
        page = "| message | level |\n| `a b` | WARN | `x_us`, `error` | when `y` | what |\n| `c` | INFO | | |\n"
        self.assertEqual(list(events.on_page(page)), [Event("a b", "WARN", ("error", "x_us")), Event("c", "INFO", ())])



if __name__ == "__main__":
    unittest.main()
