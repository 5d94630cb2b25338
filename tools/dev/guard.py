"""Leaves no process behind: work that starts programs runs in a child, and either of the two cleans up after the other.

Both are subreapers on Linux, so a program whose starter died stays below one of them and is found in the process table.
Ctrl-C, SIGTERM and SIGHUP become `Stopped` inside the work; a SIGKILL of either process still ends everything.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, NoReturn

from dev.report import Problem, complain

# Whoever starts us under nohup has said what a hang-up shall do: nothing.
HANGUP = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
SIGNALS = (signal.SIGINT, signal.SIGTERM, *HANGUP)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Stopped(BaseException):
    """The user asked to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run(work: Callable[[], int]) -> int:
    """Runs the work and answers its exit code, when every process it started is gone."""
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
    """The child's status; orphans that were given to us are collected by the way."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return status


def work_and_leave(work: Callable[[], int], parent: int) -> NoReturn:
    """The child's life: in a session of its own, so that Ctrl-C reaches services in order and not all at once."""
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
    except Problem as problem:
        complain(str(problem))
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        ignore_signals()
        end_descendants()
        sys.stdout.flush()
        os._exit(code)


def stop(number: int, _frame: object) -> NoReturn:
    """Raises in the main thread, once: what follows is the orderly end."""
    ignore_signals()
    raise Stopped(number)


def ignore_signals() -> None:
    """From here on the end is under way and bounded in time."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def adopt_orphans() -> None:
    """Makes this process the parent of descendants whose own parent died."""
    if LIBC:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(number: int) -> None:
    """Has the kernel send this signal when the parent dies."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def end_descendants(grace: float = 5) -> None:
    """Asks all descendants to end, then makes them, and returns when there is none."""
    began = time.monotonic()
    asked: set[int] = set()
    while remaining := descendants(os.getpid()):
        force = time.monotonic() - began > grace
        for pid in remaining:
            if force or pid not in asked:
                asked.add(pid)
                send(pid, signal.SIGKILL if force else signal.SIGTERM)
        reap()
        time.sleep(0.02)


def send(pid: int, number: int) -> None:
    """A signal to a process that may already be gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def reap() -> None:
    """Collects children that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def reap_orphans(own: set) -> None:
    """Collects ended processes that were given to us, but for those that we started and ask for ourselves."""
    try:
        while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and ended.si_pid not in own:
            os.waitpid(ended.si_pid, 0)
    except ChildProcessError:
        pass


def descendants(ancestor: int) -> list[int]:
    """All processes below this one, zombies among them."""
    children: dict[int, list[int]] = {}
    for pid, parent in process_table():
        children.setdefault(parent, []).append(pid)
    found = list(children.get(ancestor, []))
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def process_table() -> list[tuple[int, int]]:
    """Pairs of process and parent."""
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
