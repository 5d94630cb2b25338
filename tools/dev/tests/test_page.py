"""Tests of the page's build."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from dev import page


class Steps(unittest.TestCase):
    """A step of the build runs again when its input has changed, or its result is gone."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.web = Path(folder.name)
        (self.web / "node_modules").mkdir()
        self.runs: list = []
        for name, value in {"WEB": self.web, "run_logged": lambda *_, **__: self.run_step(),
                            "npm": lambda *_: [], "environment": dict, "say": lambda *_: None}.items():
            patch = mock.patch.object(page, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def run_step(self) -> None:
        self.runs.append(1)
        (self.web / "dist").mkdir(exist_ok=True)

    def build(self, wanted: str) -> int:
        page.run_unless_done("build", wanted, "building", [])
        return len(self.runs)

    def test_the_same_input_is_built_once(self) -> None:
        self.assertEqual([self.build("a"), self.build("a"), self.build("b"), self.build("b")], [1, 1, 2, 2])

    def test_a_result_that_is_gone_is_built_again(self) -> None:
        self.build("a")
        (self.web / "dist").rmdir()
        self.assertEqual(self.build("a"), 2)


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
