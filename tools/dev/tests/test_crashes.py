"""Crashes are reported on the terminal. The crash of a service also ends the stack."""

import os
import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from dev.crashes import CrashReporter
from dev.processes import Service, Services
from dev.report import UserError

CRASH = ('{"level":"ERROR","message":"a function\'s process died; the next one is started","function":"quota",'
         '"reason":"signal: 9 (SIGKILL)"}\n')


class CrashesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = Path(folder.name) / "functions.log"

    def test_each_crash_is_reported_once_when_its_line_is_complete(self):
        reporter, printed = CrashReporter(self.log), []
        with mock.patch("dev.crashes.say", printed.append), self.log.open("w", buffering=1) as log:
            log.write("nothing\n" + CRASH[:90])
            log.flush()
            reporter.report()
            self.assertEqual(printed, [])
            log.write(CRASH[90:] + CRASH + "a function's process died, in another format\n")
            log.flush()
            reporter.report()
            reporter.report()
        self.assertEqual(len(printed), 2)
        self.assertIn("a process of quota died (signal: 9 (SIGKILL)) and is being restarted", printed[0])

    def test_a_missing_log_reports_nothing(self):
        CrashReporter(self.log).report()

    def fail_after(self, deadline: float):
        """Returns a `poll` that fails the test if the watch does not end in time."""
        return lambda: self.assertLess(time.monotonic(), deadline, "the watch does not end")

    def test_a_service_that_dies_ends_the_watch_with_its_name_and_the_end_of_its_log(self):
        with Services() as services:
            program = "import time; print('my last words', flush=True); time.sleep(1000)"
            services.add(Service("store", [sys.executable, "-c", program], self.log))
            while "words" not in self.log.read_text():
                time.sleep(0.01)
            os.kill(services.started[0].process.pid, signal.SIGKILL)
            with self.assertRaisesRegex(UserError, r"store stopped by itself \(exit code -9\)(?s:.*)my last words"):
                services.watch(self.fail_after(time.monotonic() + 20))
