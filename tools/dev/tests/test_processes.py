"""A command whose output is heard ends when it ends, whatever it leaves behind and wherever its output goes."""

import io
import os
import signal
import sys
import time
import unittest
from unittest import mock

from dev import processes


class Overheard(unittest.TestCase):
    def test_a_process_that_is_left_behind_with_the_pipe_holds_nothing_up(self):
        left = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); sys.exit(3)"
        heard, began = [], time.monotonic()
        with mock.patch("dev.processes.write"):
            code = processes.overheard([sys.executable, "-c", left], heard.append)
        self.addCleanup(os.kill, int(heard[0]), signal.SIGKILL)
        self.assertEqual(code, 3)
        self.assertLess(time.monotonic() - began, 40)

    def test_a_character_that_the_terminal_lacks_is_no_reason_to_fail(self):
        terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        with mock.patch("sys.stdout", terminal):
            processes.write("\u00dcber \udcff\n")
        self.assertEqual(terminal.buffer.getvalue(), b"?ber ?\n")


if __name__ == "__main__":
    unittest.main()
