"""Tests of the page's build."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

from dev import page
from dev.report import UserError


# A build that writes a line for each run.
PACKAGE = {"scripts": {"build": "mkdir -p dist && echo built >> runs"}}


class Steps(unittest.TestCase):
    """A step of the build runs again when its input has changed, or its result is gone."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.web = Path(folder.name)
        (self.web / "node_modules").mkdir()
        (self.web / "package.json").write_text(json.dumps(PACKAGE))

    def build(self, wanted: str) -> int:
        """Returns how often the build has run by then."""
        with contextlib.redirect_stdout(io.StringIO()):
            page.run_unless_done(self.web, "build", wanted, "building a small project", ["run", "build"])
        return len((self.web / "runs").read_text().splitlines())

    def test_the_same_input_is_built_once(self) -> None:
        self.assertEqual([self.build("a"), self.build("a"), self.build("b"), self.build("b")], [1, 1, 2, 2])

    def test_a_result_that_is_gone_is_built_again(self) -> None:
        self.build("a")
        (self.web / "dist").rmdir()
        self.assertEqual(self.build("a"), 2)

    def test_a_build_that_fails_does_not_count(self) -> None:
        self.build("a")
        (self.web / "package.json").write_text(json.dumps({"scripts": {"build": "exit 1"}}))
        with self.assertRaisesRegex(UserError, "building a small project failed"):
            self.build("b")
        (self.web / "package.json").write_text(json.dumps(PACKAGE))
        self.assertEqual(self.build("b"), 2)


class Digest(unittest.TestCase):
    """The digest depends on the sources, and not on what they are built into."""

    def test_it_changes_with_a_source_only(self) -> None:
        before = page.digest("web")
        new = page.WEB / "src" / "a-new-source.ts"
        ignored = page.WEB / "src" / "api" / "schema.ts"
        self.addCleanup(new.unlink, missing_ok=True)
        new.write_text("export {}")
        self.assertNotEqual(page.digest("web"), before)
        new.unlink()
        self.assertEqual(page.digest("web"), before)
        self.assertNotIn(str(ignored.relative_to(page.settings.ROOT)), page.fences.list_sources("web"))
