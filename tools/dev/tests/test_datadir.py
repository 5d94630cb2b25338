"""One stack at a time uses a data folder, and only its owner can read the secrets in it."""

import stat
import tempfile
import unittest
from pathlib import Path

from dev import datadir
from dev.report import UserError


class DataFolderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "data"

    def test_a_folder_in_use_is_neither_shared_nor_deleted(self):
        with datadir.claim(self.folder):
            with self.assertRaisesRegex(UserError, "already running"):
                datadir.claim(self.folder)
            with self.assertRaisesRegex(UserError, "Stop it first"):
                datadir.delete(self.folder)
        datadir.delete(self.folder)
        self.assertFalse(self.folder.exists())

    def test_settings_are_available_only_while_the_stack_is_ready(self):
        with self.assertRaisesRegex(UserError, "No stack is running"):
            datadir.read_settings(self.folder)
        with datadir.claim(self.folder):
            with self.assertRaisesRegex(UserError, "still starting"):
                datadir.read_settings(self.folder)
            datadir.write_settings(self.folder, {"API_URL": "x"})
            self.assertEqual(datadir.read_settings(self.folder), {"API_URL": "x"})
        with self.assertRaisesRegex(UserError, "No stack is running"):
            datadir.read_settings(self.folder)

    def test_secrets_are_kept_and_only_the_owner_can_read_them(self):
        with datadir.claim(self.folder):
            secrets = datadir.load_secrets(self.folder)
            self.assertEqual(datadir.load_secrets(self.folder), secrets)
            self.assertEqual(stat.S_IMODE((self.folder / "secrets.json").stat().st_mode), 0o600)
            self.assertTrue(all(len(secret) >= 32 for secret in secrets.values()))
