"""Makes sure that `./dev` leaves no process behind.

Commands that start programs run in a child process. If the parent or the child dies, the other one ends
everything that was started. On Linux both are subreapers: a program whose own parent died is reparented to
one of them, and so is still found in the process table. In the child, Ctrl-C, SIGTERM and SIGHUP raise
`Stopped`. Even SIGKILL of either process ends all the others.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, NoReturn

from dev.report import UserError, print_error

# Under nohup SIGHUP is ignored, and stays so.
HANGUP = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
SIGNALS = (signal.SIGINT, signal.SIGTERM, *HANGUP)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Stopped(BaseException):
    """A signal asked the command to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run(work: Callable[[], int]) -> int:
    """Runs the work and returns its exit code, once every process that it started is gone."""
    adopt_orphans()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        work_and_leave(work, parent)
    for number in SIGNALS:
        signal.signal(number, lambda number, _: os.kill(child, number))
    status = wait_for(child)
    end_descendants()
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def wait_for(child: int) -> int:
    """Waits for the child and returns its status. Also reaps orphans that were reparented to this process."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return status


def work_and_leave(work: Callable[[], int], parent: int) -> NoReturn:
    """Runs the work in the child, then exits.

    The child has its own session, so that Ctrl-C does not reach all services at once: they are stopped in
    order.
    """
    code = 1
    try:
        os.setsid()
        adopt_orphans()
        for number in SIGNALS:
            signal.signal(number, stop)
        die_with_parent(signal.SIGTERM)
        if os.getppid() == parent:
            code = work()
    except Stopped as stopped:
        code = 128 + stopped.number
    except UserError as error:
        print_error(str(error))
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        ignore_signals()
        end_descendants()
        sys.stdout.flush()
        os._exit(code)


def stop(number: int, _frame: object) -> NoReturn:
    """Handles a signal: raises `Stopped` in the main thread, once.

    Further signals are ignored during the shutdown.
    """
    ignore_signals()
    raise Stopped(number)


def ignore_signals() -> None:
    """Ignores further signals. The shutdown has begun, and its duration is bounded."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def adopt_orphans() -> None:
    """Makes this process the new parent of descendants whose own parent dies."""
    if LIBC:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(number: int) -> None:
    """Asks the kernel to send this process a signal when its parent dies."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def end_descendants(grace: float = 5) -> None:
    """Sends SIGTERM to all descendants, and SIGKILL after the grace period (seconds).

    Returns when none is left.
    """
    began = time.monotonic()
    asked: set[int] = set()
    while remaining := descendants(os.getpid()):
        force = time.monotonic() - began > grace
        for pid in remaining:
            if force or pid not in asked:
                asked.add(pid)
                send_signal(pid, signal.SIGKILL if force else signal.SIGTERM)
        reap()
        time.sleep(0.02)


def send_signal(pid: int, signal_number: int) -> None:
    """Sends a signal to a process that may already be gone."""
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        pass


def reap() -> None:
    """Reaps children that have exited."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def reap_orphans(own: set) -> None:
    """Reaps exited processes that were reparented to this one, but none in `own`: others wait for those."""
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    try:
        while (ended := os.waitid(os.P_ALL, 0, options)) and ended.si_pid not in own:
            os.waitpid(ended.si_pid, 0)
    except ChildProcessError:
        pass


def descendants(ancestor: int) -> list[int]:
    """Returns all processes below this one, including zombies."""
    children: dict[int, list[int]] = {}
    for pid, parent in process_table():
        children.setdefault(parent, []).append(pid)
    found = list(children.get(ancestor, []))
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def process_table() -> list[tuple[int, int]]:
    """Returns the ids of all processes, each with the id of its parent."""
    if not LIBC:
        lister = subprocess.Popen(["ps", "-axo", "pid=,ppid="], stdout=subprocess.PIPE, text=True)
        rows = (line.split() for line in lister.communicate()[0].splitlines())
        return [(int(pid), int(parent)) for pid, parent in rows if int(pid) != lister.pid]
    table = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        table.append((int(stat.parent.name), int(fields[1])))
    return table
