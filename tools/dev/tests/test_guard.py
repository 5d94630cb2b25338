"""Whatever ends ./dev, every process that it started ends too."""

import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from dev import guard

TOOLS = Path(__file__).resolve().parents[2]

# Starts a service that ignores SIGTERM, in a session of its own, and prints the service's process id.
WORK = """
import subprocess, sys, time
from dev import guard
def work():
    subprocess.Popen(["sh", "-c", "setsid sh -c 'echo $$; trap \\"\\" TERM; sleep 1000; sleep 1000' & wait"])
    time.sleep(1000)
guard.end_descendants.__defaults__ = (0.3,)
sys.exit(guard.run(work))
"""


def is_running(pid: int) -> bool:
    """Returns whether a process exists and is not a zombie, which its parent has yet to reap."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@unittest.skipUnless(sys.platform == "linux", "needs the process table of Linux")
class GuardTest(unittest.TestCase):
    def start(self):
        # Under nohup the test ignores SIGHUP, and its children would inherit that.
        guarded = subprocess.Popen([sys.executable, "-c", WORK], env={**os.environ, "PYTHONPATH": str(TOOLS)},
                                   stdout=subprocess.PIPE, text=True,
                                   preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
        self.addCleanup(guarded.stdout.close)
        self.addCleanup(guarded.terminate)
        stubborn = int(guarded.stdout.readline())
        worker = next(pid for pid, parent in guard.process_table() if parent == guarded.pid)
        return guarded, worker, stubborn

    def assertEnds(self, pid: int):
        deadline = time.monotonic() + 10
        while is_running(pid):
            self.assertLess(time.monotonic(), deadline, f"process {pid} is still running")
            time.sleep(0.02)

    def test_a_stop_signal_ends_all_processes(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                guarded, _, stubborn = self.start()
                guarded.send_signal(number)
                self.assertEqual(guarded.wait(10), 128 + number)
                self.assertFalse(is_running(stubborn))

    def test_all_processes_end_when_the_parent_is_killed(self):
        guarded, worker, stubborn = self.start()
        guarded.kill()
        guarded.wait(10)
        self.assertEnds(stubborn)
        self.assertEnds(worker)

    def test_all_processes_end_when_the_worker_is_killed(self):
        guarded, worker, stubborn = self.start()
        os.kill(worker, signal.SIGKILL)
        self.assertEqual(guarded.wait(10), 128 + signal.SIGKILL)
        self.assertFalse(is_running(stubborn))
