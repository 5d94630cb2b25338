"""The last lines of a failed test run name each failure and the command that runs it again."""

import sys
import unittest
from pathlib import Path
from unittest import mock

from dev import failures, processes, suite

CARGO = """\
\x1b[1m\x1b[32m     Running\x1b[0m tests/api/main.rs (target/debug/deps/api-1)
test confirm::charges_once ... ok
test confirm::refuses ... FAILED
test quota::is_told   ... FAILED
failures:

---- confirm::refuses stdout ----
a line that is not one of the last
thread 'confirm::refuses' panicked:
  expected 200

---- quota::is_told ----
the quota is silent

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


class FailuresTest(unittest.TestCase):
    def test_each_failed_rust_test_is_named_with_the_command_that_runs_it(self):
        tests = failures.CargoTests()
        for line in CARGO.splitlines():
            tests.read(line)
        self.assertEqual([failure[:2] for failure in tests.failures], [
            ("confirm::refuses", "./dev test -p tests --test api -- --exact confirm::refuses"),
            ("quota::is_told", "./dev test -p tests --test api -- --exact quota::is_told"),
            ("all of -p tests --test walk", "./dev test -p tests --test walk"),
            ("src/a.rs - f (line 3)", "./dev test -p docuvault --doc -- --exact 'src/a.rs - f (line 3)'")])

    def test_a_test_that_failed_behind_a_pooler_runs_there_again(self):
        tests = failures.CargoTests("./dev test --pooler")
        for line in CARGO.splitlines()[:-4]:
            tests.read(line)
        self.assertEqual(tests.failures[0].command, "./dev test --pooler -p tests --test api -- --exact confirm::refuses")

    def test_the_last_lines_of_a_failed_test_are_repeated(self):
        with mock.patch("dev.failures.MOST_LINES", 2):
            tests = failures.CargoTests()
            for line in CARGO.splitlines():
                tests.read(line)
        self.assertEqual([failure.printed for failure in tests.failures], [
            ("thread 'confirm::refuses' panicked:", "  expected 200"), ("the quota is silent",), (), ()])
        self.assertIn("    |   expected 200\n  confirm::refuses\n", failures.summarize(tests.failures, "3 s"))

    def test_each_failed_python_test_is_named_in_the_formats_of_all_versions(self):
        tests = failures.PythonTests()
        for line in ("FAIL: test_a (dev.tests.test_x.XTest)", "ERROR: test_b (dev.tests.test_x.XTest.test_b)", "OK"):
            tests.read(line)
        self.assertEqual([failure.name for failure in tests.failures], ["dev.tests.test_x.XTest.test_a", "dev.tests.test_x.XTest.test_b"])
        self.assertEqual(tests.failures[0].command, "(cd tools && python3 -m unittest dev.tests.test_x.XTest.test_a)")

    def test_the_last_lines_name_the_failures(self):
        self.assertIn("all passed (3 s)", failures.summarize([], "3 s"))
        last = failures.summarize([failures.Failure("lints", "./dev check"), failures.Failure("a::b", "./dev test -- a::b")], "3 s").splitlines()
        self.assertEqual(last[1:], ["FAILED (3 s). To run each again:", "  lints", "      ./dev check", "  a::b",
                                    "      ./dev test -- a::b"])

    def test_a_run_that_fails_before_any_test_is_a_failure(self):
        with mock.patch("dev.suite.run_and_read", return_value=101):
            self.assertEqual(suite.run_cargo_tests(["--workspace"], {}), [failures.Failure("cargo test", "./dev test --workspace")])

    def test_each_line_of_output_is_printed_and_read(self):
        lines, printed = [], []
        program = "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)"
        with mock.patch("dev.processes.print_line", printed.append):
            code = processes.run_and_read([sys.executable, "-c", program], lines.append, cwd=Path("/"))
        self.assertEqual((code, lines), (3, ["out\n", "err\n"]))
        self.assertEqual(printed, lines)
