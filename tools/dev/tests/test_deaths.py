"""What dies is told on the terminal: a process of a function by a line, a service by the sentence that ends the stack."""

import os
import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from dev.deaths import Deaths
from dev.processes import Service, Services
from dev.report import Problem

DEATH = ('{"level":"ERROR","fields":{"message":"a function\'s process died; the next one is started","function":"quota",'
         '"reason":"signal: 9 (SIGKILL)"}}\n')


class DeathsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = Path(folder.name) / "functions.log"

    def test_each_death_is_told_once_when_its_line_is_complete(self):
        deaths, said = Deaths(self.log), []
        with mock.patch("dev.deaths.say", said.append), self.log.open("w", buffering=1) as log:
            log.write("nothing\n" + DEATH[:90])
            log.flush()
            deaths.tell()
            self.assertEqual(said, [])
            log.write(DEATH[90:] + DEATH + "a function's process died, says somebody else\n")
            log.flush()
            deaths.tell()
            deaths.tell()
        self.assertEqual(len(said), 2)
        self.assertIn("a process of quota died (signal: 9 (SIGKILL)) and is started anew", said[0])

    def test_a_log_that_was_removed_tells_nothing(self):
        Deaths(self.log).tell()

    def until(self, deadline: float):
        """What ends a watch that does not end by itself."""
        return lambda: self.assertLess(time.monotonic(), deadline, "the watch goes on")

    def test_a_service_that_dies_ends_the_watch_with_its_name_and_the_end_of_its_log(self):
        with Services() as services:
            program = "import time; print('my last words', flush=True); time.sleep(1000)"
            services.add(Service("store", [sys.executable, "-c", program], self.log))
            while "words" not in self.log.read_text():
                time.sleep(0.01)
            os.kill(services.started[0].process.pid, signal.SIGKILL)
            with self.assertRaisesRegex(Problem, r"store stopped by itself \(exit code -9\)(?s:.*)my last words"):
                services.watch(self.until(time.monotonic() + 20))
