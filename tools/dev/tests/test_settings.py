"""A file .env is for what the environment doesn't say."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from dev import settings, verbs


class DotenvTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / ".env"
        self.path.write_text("# A_COMMENT=1\nAPI_PORT=4000\nexport DEV_DATA='/data folder'\nSQS_PORT = 5\nnonsense\n")

    def test_variables_are_taken_unless_they_are_set(self):
        with mock.patch.dict("os.environ", {"API_PORT": "3000"}, clear=True):
            settings.load_dotenv(path=self.path)
            self.assertEqual(dict(os.environ), {"API_PORT": "3000", "DEV_DATA": "/data folder", "SQS_PORT": "5"})

    def test_tests_and_the_stacks_they_start_take_only_where_things_are(self):
        for verb, environment, taken in (("test", {}, False), ("up", {}, True), ("up", {"DOCUVAULT_PROGRAMS": "/p"}, False)):
            with self.subTest(verb, **environment), mock.patch.dict("os.environ", environment, clear=True):
                settings.load_dotenv(verbs.prefixes(verb), self.path)
                self.assertEqual("API_PORT" in os.environ, taken)
                self.assertEqual(os.environ["DEV_DATA"], "/data folder")

    def test_only_those_that_are_asked_for(self):
        with mock.patch.dict("os.environ", {}, clear=True):
            settings.load_dotenv(("DEV_",), self.path)
            self.assertEqual(dict(os.environ), {"DEV_DATA": "/data folder"})
