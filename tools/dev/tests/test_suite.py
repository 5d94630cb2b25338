"""Leftovers of killed test runs are deleted, and folders in use are not."""

import os
import tempfile
import time
import unittest
from pathlib import Path
from unittest.mock import patch

from dev import datadir, suite


class Leftovers(unittest.TestCase):
    def test_folders_of_killed_runs_are_deleted_and_those_in_use_are_kept(self):
        with tempfile.TemporaryDirectory() as data, patch.dict(os.environ, {"DEV_DATA": data}):
            for name in ("test-old", "watch-old", "watch-used", "watch-new", "postgres"):
                (Path(data) / name).mkdir()
            lock = datadir.claim(Path(data) / "watch-used")
            self.addCleanup(lock.close)
            for name in ("watch-old", "watch-used"):
                os.utime(Path(data) / name, (time.time() - 7200,) * 2)
            suite.remove_leftovers()
            self.assertEqual(sorted(os.listdir(data)), ["postgres", "watch-new", "watch-used"])


if __name__ == "__main__":
    unittest.main()
