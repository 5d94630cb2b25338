"""The files and headings that the project's pages name exist."""

import re
import unittest
from pathlib import Path
from typing import Iterator

from dev import settings

PAGES = ("*.md", "docs/*.md", "migrations/*.md", "crates/*/*.md")
# [text](target), but not an address on the web.
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
# A file or folder in backticks whose path begins with one of the repository's folders, or a page of its root.
FILE = re.compile(r"`((?:\.github|bench|crates|docs|events|functions|infra|migrations|src|tests|tools)/[^`\s]*|\w+\.md)`")
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def find_broken_references(page: Path, text: str, root: Path = settings.ROOT) -> Iterator[str]:
    """Returns the links and file names in a page that lead nowhere. `<name>` and `*` stand for any name."""
    text = CODE.sub("", text)
    for path, heading in LINK.findall(text):
        target = page.parent / path if path else page
        if not target.exists():
            yield f"{path}#{heading}" if heading else path
        elif heading and heading not in list_anchors(text if target == page else target.read_text()):
            yield f"{path}#{heading}"
    for name in FILE.findall(text):
        pattern = re.sub(r"<\w+>", "*", name).rstrip("/")
        if not any(root.glob(pattern)):
            yield name


def list_anchors(text: str) -> "list[str]":
    """Returns the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", text), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


class DocumentsTest(unittest.TestCase):
    def test_every_link_and_file_name_leads_somewhere(self):
        pages = [page for pattern in PAGES for page in settings.ROOT.glob(pattern)]
        self.assertGreater(len(pages), 10)
        for page in pages:
            with self.subTest(page.name):
                self.assertEqual(list(find_broken_references(page, page.read_text())), [])

    def test_the_readme_lists_every_page(self):
        readme = (settings.ROOT / "README.md").read_text()
        pages = [f"docs/{page.name}" for page in settings.ROOT.glob("docs/*.md")]
        self.assertEqual([page for page in pages if f"`{page}`" not in readme], [])

    def test_broken_references_are_found(self):
        page = settings.ROOT / "docs" / "STYLE.md"
        for text, expected in (
                ("[a](STYLE.md), [b](../README.md#promises), [c](https://example.com)", []),
                ("[a](NOTHING.md), [b](../README.md#nothing)", ["NOTHING.md", "../README.md#nothing"]),
                ("# One\n[a](#one), [b](#two)", ["#two"]),
                ("`src/db/<noun>.rs`, `tests/ledger`, `events/*.json`, `target/bench.md`, `CONTRIBUTING.md`", []),
                ("`src/db/<noun>.py`, `tests/nothing/`, `NOTHING.md`", ["src/db/<noun>.py", "tests/nothing/", "NOTHING.md"]),
                ("```\n`src/nothing.rs`\n```", [])):
            self.assertEqual(list(find_broken_references(page, text)), expected, text)


if __name__ == "__main__":
    unittest.main()
