"""The checks of the template run side by side, and show the output of those that fail."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

from dev import template
from dev.template import Check


class RunTogether(unittest.TestCase):
    def test_the_names_of_failed_checks_are_returned_and_only_their_output_is_shown(self):
        checks = [Check(name, [sys.executable, "-c", f"print('output of {name}'); exit({code})"])
                  for name, code in (("one", 0), ("two", 1), ("three", 0), ("four", 2))]
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as shown:
            failed = template.run_together(checks, Path(folder))
        self.assertEqual(sorted(failed), ["four", "two"])
        self.assertEqual(sorted(line for line in shown.getvalue().splitlines() if line.startswith("output")),
                         ["output of four", "output of two"])


if __name__ == "__main__":
    unittest.main()
