"""The parts of `./dev build` that need no compiler."""

import tempfile
import unittest
import zipfile
from pathlib import Path

from dev import functions, settings
from dev.deploy import start, zips
from dev.report import UserError


class Zips(unittest.TestCase):
    def test_every_function_has_a_limit_and_that_of_classify_is_its_own(self):
        limits = {name: zips.find_limit(name) for name in functions.names()}
        self.assertTrue(all(1 < limit < 50 for limit in limits.values()), limits)
        self.assertGreater(limits["classify"], limits["quota"])

    def test_a_zip_has_one_executable_bootstrap_and_is_always_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            program, archives = Path(folder) / "quota", [Path(folder) / "1.zip", Path(folder) / "2.zip"]
            program.write_bytes(b"program" * 1000)
            for archive in archives:
                zips.pack(program, archive)
            with zipfile.ZipFile(archives[0]) as packed:
                (entry,) = packed.infolist()
                self.assertEqual((entry.filename, entry.external_attr >> 16), ("bootstrap", 0o755))
                self.assertEqual(packed.read(entry), b"program" * 1000)
            self.assertEqual(archives[0].read_bytes(), archives[1].read_bytes())

    def test_a_size_is_compared_with_its_limit(self):
        self.assertIn("zip  3.90 MB (target <= 3.9 MB: met)", zips.describe(9_000_000, 3_900_000, 3.9))
        self.assertIn("missed", zips.describe(9_000_000, 3_900_001, 3.9))


class Starts(unittest.TestCase):
    def test_an_answer_of_the_function_counts_and_a_process_that_died_does_not(self):
        self.assertEqual(start.summarize({"statusCode": 401}), "answers 401")
        self.assertEqual(start.summarize({"errorType": "Unavailable", "errorMessage": "no database"}), "answers no database")
        with self.assertRaises(UserError):
            start.summarize({"errorType": "Runtime.ExitError", "errorMessage": "m"})

    def test_every_function_has_a_recorded_event(self):
        for name in functions.names():
            self.assertTrue((settings.ROOT / "events" / f"{name}.json").exists(), name)
