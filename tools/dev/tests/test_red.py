"""The last lines of a red run name what was red, and how to run just that."""

import sys
import unittest
from pathlib import Path
from unittest import mock

from dev import processes, red, suite

CARGO = """\
\x1b[1m\x1b[32m     Running\x1b[0m tests/api/main.rs (target/debug/deps/api-1)
test confirm::charges_once ... ok
test confirm::refuses ... FAILED
test quota::is_told   ... FAILED
failures:
    confirm::refuses
    quota::is_told
\x1b[1m\x1b[91merror\x1b[0m: test failed, to rerun pass `-p tests --test api`
test the_story ... ok
error: test failed, to rerun pass `-p tests --test walk`
test src/a.rs - f (line 3) ... FAILED
error: test failed, to rerun pass `-p docuvault --doc`
error: 3 targets failed:
"""


class RedTest(unittest.TestCase):
    def test_each_red_test_of_cargo_is_named_with_the_command_that_runs_it(self):
        heard = red.CargoTests()
        for line in CARGO.splitlines():
            heard.hear(line)
        self.assertEqual(heard.red, [
            ("confirm::refuses", "./dev test -p tests --test api -- --exact confirm::refuses"),
            ("quota::is_told", "./dev test -p tests --test api -- --exact quota::is_told"),
            ("all of -p tests --test walk", "./dev test -p tests --test walk"),
            ("src/a.rs - f (line 3)", "./dev test -p docuvault --doc -- --exact 'src/a.rs - f (line 3)'")])

    def test_each_red_test_of_python_is_named_whatever_the_version_calls_it(self):
        heard = red.PythonTests()
        for line in ("FAIL: test_a (dev.tests.test_x.XTest)", "ERROR: test_b (dev.tests.test_x.XTest.test_b)", "OK"):
            heard.hear(line)
        self.assertEqual([name for name, _ in heard.red], ["dev.tests.test_x.XTest.test_a", "dev.tests.test_x.XTest.test_b"])
        self.assertEqual(heard.red[0].command, "(cd tools && python3 -m unittest dev.tests.test_x.XTest.test_a)")

    def test_the_last_lines_are_the_red_ones(self):
        self.assertIn("all passed (3 s)", red.ended([], "3 s"))
        last = red.ended([red.Red("lints", "./dev check"), red.Red("a::b", "./dev test -- a::b")], "3 s").splitlines()
        self.assertEqual(last[1:], ["FAILED (3 s). To run each again:", "  lints", "      ./dev check", "  a::b",
                                    "      ./dev test -- a::b"])

    def test_a_run_that_fails_before_any_test_is_red_too(self):
        with mock.patch("dev.suite.overheard", return_value=101):
            self.assertEqual(suite.cargo_tests(["--workspace"], {}), [("cargo test", "./dev test --workspace")])

    def test_output_is_passed_on_as_it_comes_and_heard(self):
        heard, passed = [], []
        program = "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)"
        with mock.patch("dev.processes.write", passed.append):
            code = processes.overheard([sys.executable, "-c", program], heard.append, cwd=Path("/"))
        self.assertEqual((code, heard), (3, ["out\n", "err\n"]))
        self.assertEqual(passed, heard)
