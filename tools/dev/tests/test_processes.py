"""Reading a command's output ends soon after the command, even if another process holds the pipe.

Characters that the terminal cannot show are replaced.
"""

import io
import os
import signal
import sys
import time
import unittest
from unittest import mock

from dev import processes


class RunAndRead(unittest.TestCase):
    def test_a_process_that_keeps_the_pipe_open_does_not_delay_the_end(self):
        left = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); sys.exit(3)"
        lines, began = [], time.monotonic()
        with mock.patch("dev.processes.print_line"):
            code = processes.run_and_read([sys.executable, "-c", left], lines.append)
        self.addCleanup(os.kill, int(lines[0]), signal.SIGKILL)
        self.assertEqual(code, 3)
        self.assertLess(time.monotonic() - began, 40)

    def test_a_character_outside_the_terminals_encoding_is_replaced(self):
        terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        with mock.patch("sys.stdout", terminal):
            processes.print_line("\u00dcber \udcff\n")
        self.assertEqual(terminal.buffer.getvalue(), b"?ber ?\n")


if __name__ == "__main__":
    unittest.main()
