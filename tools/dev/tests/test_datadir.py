"""The data folder belongs to one stack at a time, and its secrets to its owner."""

import stat
import tempfile
import unittest
from pathlib import Path

from dev import datadir
from dev.report import Problem


class DataFolderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "data"

    def test_a_second_stack_is_refused_and_nothing_is_forgotten_under_the_first(self):
        with datadir.claim(self.folder):
            with self.assertRaisesRegex(Problem, "already runs"):
                datadir.claim(self.folder)
            with self.assertRaisesRegex(Problem, "Stop it first"):
                datadir.forget(self.folder)
        datadir.forget(self.folder)
        self.assertFalse(self.folder.exists())

    def test_settings_are_told_only_while_the_stack_is_ready(self):
        with self.assertRaisesRegex(Problem, "No stack is running"):
            datadir.read_settings(self.folder)
        with datadir.claim(self.folder):
            with self.assertRaisesRegex(Problem, "still starting"):
                datadir.read_settings(self.folder)
            datadir.write_settings(self.folder, {"API_URL": "x"})
            self.assertEqual(datadir.read_settings(self.folder), {"API_URL": "x"})
        with self.assertRaisesRegex(Problem, "No stack is running"):
            datadir.read_settings(self.folder)

    def test_secrets_stay_and_are_the_owners(self):
        with datadir.claim(self.folder):
            secrets = datadir.load_secrets(self.folder)
            self.assertEqual(datadir.load_secrets(self.folder), secrets)
            self.assertEqual(stat.S_IMODE((self.folder / "secrets.json").stat().st_mode), 0o600)
            self.assertTrue(all(len(secret) >= 32 for secret in secrets.values()))
