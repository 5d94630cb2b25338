"""The check of the length of lines finds long lines, and allows the exceptions."""

import unittest

from dev import columns

LONG = "word " * 30


class ColumnsTest(unittest.TestCase):
    def find(self, path: str, text: str) -> list:
        return list(columns.find_long_lines(path, text))

    def test_prose_comments_and_python_are_limited(self):
        for path, text in (("a.md", LONG), ("a.md", f"- {LONG}"), ("a.rs", f"    /// {LONG}"), ("a.rs", f"f(); // {LONG}"),
                           ("a.py", f"# {LONG}"), ("a.py", f"# \"{LONG}\""), ("a.py", f'"""{LONG}"""'), ("a.py", LONG)):
            self.assertEqual(self.find(path, f"\n{text}\n"), [2], text)

    def test_tables_code_blocks_urls_and_strings_may_be_longer(self):
        for path, text in (("a.md", f"| {LONG} |"), ("a.md", f"```sh\n{LONG}\n```"), ("a.md", f"https://example.com {LONG}"),
                           ("a.rs", f'call("{LONG}");'), ("a.py", f'call("{LONG}")')):
            self.assertEqual(self.find(path, text), [], text)

    def test_the_limit_itself_is_allowed(self):
        self.assertEqual(self.find("a.md", "x" * columns.MOST), [])
        self.assertEqual(self.find("a.md", f"```\n```\n{'x' * (columns.MOST + 1)}"), [3])


if __name__ == "__main__":
    unittest.main()
