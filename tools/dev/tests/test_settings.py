"""The file .env sets variables that the environment does not set."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from dev import commands, settings


class DotenvTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / ".env"
        self.path.write_text("# A_COMMENT=1\nAPI_PORT=4000\nexport DEV_DATA='/data folder'\nSQS_PORT = 5\nnonsense\n")

    def test_variables_are_read_unless_they_are_set(self):
        with mock.patch.dict("os.environ", {"API_PORT": "3000"}, clear=True):
            settings.load_dotenv(path=self.path)
            self.assertEqual(dict(os.environ), {"API_PORT": "3000", "DEV_DATA": "/data folder", "SQS_PORT": "5"})

    def test_tests_and_the_stacks_that_they_start_read_no_variables_but_paths(self):
        for command, environment, is_read in (("test", {}, False), ("up", {}, True), ("up", {"DOCUVAULT_PROGRAMS": "/p"}, False)):
            with self.subTest(command, **environment), mock.patch.dict("os.environ", environment, clear=True):
                settings.load_dotenv(commands.dotenv_prefixes(command), self.path)
                self.assertEqual("API_PORT" in os.environ, is_read)
                self.assertEqual(os.environ["DEV_DATA"], "/data folder")

    def test_only_variables_with_the_prefixes_are_read(self):
        with mock.patch.dict("os.environ", {}, clear=True):
            settings.load_dotenv(("DEV_",), self.path)
            self.assertEqual(dict(os.environ), {"DEV_DATA": "/data folder"})
