"""Leftovers of killed test runs are deleted, and folders in use are not."""

import os
import tempfile
import time
import unittest
from contextlib import contextmanager
from pathlib import Path
from unittest import mock
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


class Passes(unittest.TestCase):
    def passes(self, *arguments):
        """Runs `./dev test` with everything replaced, and returns each pass: its arguments and its pooler."""
        passes = []

        def run(arguments, env, again="./dev test"):
            passes.append((arguments, env["TEST_POOLER"], again))
            return []

        @contextmanager
        def environment(with_pooler):
            yield {"TEST_POOLER": "pooler:1" if with_pooler else ""}

        replaced = {"machine": mock.DEFAULT, "checks": mock.DEFAULT, "tools": mock.DEFAULT, "pgbouncer": mock.DEFAULT,
                    "fuzz": mock.DEFAULT, "rust": mock.DEFAULT, "say": mock.DEFAULT, "run_unit_tests": lambda: [],
                    "run_cargo_tests": run, "environment": environment}
        with patch.multiple(suite, **replaced) as mocks:
            mocks["checks"].run_all.return_value = []
            mocks["fuzz"].fuzz.return_value = 0
            self.assertEqual(suite.test(list(arguments)), 0)
            self.assertEqual(mocks["fuzz"].fuzz.called, not arguments)
        return passes

    def test_without_arguments_the_api_tests_run_a_second_time_behind_the_pooler(self):
        self.assertEqual(self.passes(), [([], "", "./dev test"), (["--test", "api"], "pooler:1", "./dev test --pooler")])

    def test_with_arguments_there_is_one_pass(self):
        chosen = ["-p", "tests", "--test", "api", "quota::"]
        self.assertEqual(self.passes(*chosen), [(chosen, "", "./dev test")])
        self.assertEqual(self.passes("--pooler", *chosen), [(chosen, "pooler:1", "./dev test --pooler")])
        self.assertEqual(self.passes("--pooler"), [(["--test", "api"], "pooler:1", "./dev test --pooler")])


if __name__ == "__main__":
    unittest.main()
