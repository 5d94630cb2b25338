"""Starts programs: services, which run until they are stopped, and commands, which end by themselves."""

import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Callable, Optional

from dev import guard, settings
from dev.report import Heartbeat, UserError, tail

# The ids of processes that were started here. Their exit codes are wanted, so `reap_orphans` must leave them
# alone.
STARTED: "set[int]" = set()


def spawn(command: list, **options) -> subprocess.Popen:
    """Starts a program without input. `options` are those of `subprocess.Popen`."""
    process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, **options)
    STARTED.add(process.pid)
    return process


class Service:
    """A long-running program in its own process group.

    Its output goes to a log file; the previous log is kept as `.1`.
    """

    def __init__(self, name: str, command: list, log: Path, env: Optional[dict] = None, user: str = "",
                 cwd: Optional[Path] = None, stop_signal: int = signal.SIGTERM, grace: float = 8) -> None:
        self.name, self.log, self.stop_signal, self.grace = name, log, stop_signal, grace
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_name(log.name + ".1"))
        with log.open("wb") as output:
            self.process = spawn(command, env=env, cwd=cwd, stdout=output, stderr=subprocess.STDOUT,
                                 start_new_session=True,
                                 preexec_fn=lambda: guard.die_with_parent(stop_signal), **run_as(user))

    def running(self) -> bool:
        """Returns whether the program is still running."""
        return self.process.poll() is None

    def check(self) -> None:
        """Raises a UserError with the end of the log if the program has ended."""
        if not self.running():
            raise UserError(f"{self.name} stopped by itself (exit code {self.process.returncode}). "
                          f"Its log is {self.log}:{tail(self.log)}")

    def stop(self) -> None:
        """Sends the stop signal to the process group, and SIGKILL after the grace period (seconds)."""
        for number in (self.stop_signal, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                pass
            try:
                self.process.wait(self.grace)
                return
            except subprocess.TimeoutExpired:
                continue


class Services:
    """The services that this run of `./dev` started.

    The end of the `with` block stops them in reverse order.
    """

    def __init__(self) -> None:
        self.started: list[Service] = []

    def __enter__(self) -> "Services":
        return self

    def __exit__(self, *_: object) -> None:
        guard.ignore_signals()
        while self.started:
            self.started.pop().stop()

    def add(self, service: Service) -> Service:
        """Adds a service, to be stopped at the end."""
        self.started.append(service)
        return service

    def check(self) -> None:
        """Raises a UserError if any service has ended."""
        guard.reap_orphans(STARTED)
        for service in self.started:
            service.check()

    def watch(self, poll: Callable[[], None]) -> None:
        """Calls `poll` several times a second until a signal arrives. Fails if a service ends."""
        while True:
            poll()
            self.check()
            time.sleep(0.3)

    def wait(self, service: Service, is_ready: Callable[[], bool], seconds: float = 60) -> None:
        """Waits until the service is ready.

        Raises a UserError if any service ends first, or after `seconds`.
        """
        deadline = time.monotonic() + seconds
        while not is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise UserError(f"{service.name} did not answer within {seconds:.0f} s. "
                              f"Its log is {service.log}:{tail(service.log)}")
            time.sleep(0.05)


def run_as(user: str) -> dict:
    """Returns arguments of `subprocess.Popen` to run a program as this user, in its primary group only."""
    return {"user": user, "group": primary_group(user), "extra_groups": []} if user else {}


def primary_group(user: str) -> int:
    """Returns the id of the user's primary group."""
    return pwd.getpwnam(user).pw_gid


def run_logged(what: str, command: list, log: Path, env: Optional[dict] = None, user: str = "",
               cwd: Path = settings.ROOT) -> None:
    """Runs a command with its output in a log. Raises a UserError with the end of the log if it fails."""
    code = run_to_log(what, command, log, env, user, cwd)
    if code:
        raise UserError(f"{what} failed (exit code {code}). The log is {log}:{tail(log)}")


def run_to_log(what: str, command: list, log: Path, env: Optional[dict] = None, user: str = "",
               cwd: Path = settings.ROOT) -> int:
    """Runs a command with its output in a log, and prints every few seconds that it is still running.

    Returns the exit code.
    """
    heart = Heartbeat(what)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        # Another user may not be allowed into the checkout. Cargo needs to be there: it reads
        # rust-toolchain.toml.
        process = spawn(command, env=env, stdout=output, stderr=subprocess.STDOUT, cwd="/" if user else cwd,
                        **run_as(user))
        return wait(process, heart.beat)


def run(command: list, env: Optional[dict] = None, cwd: Optional[Path] = None) -> int:
    """Runs a command with its output on the terminal, and returns its exit code."""
    return wait(spawn(command, env=env, cwd=cwd))


def run_and_read(command: list, read: Callable[[str], None], env: Optional[dict] = None,
                 cwd: Optional[Path] = None) -> int:
    """Runs a command, prints each line of its output and passes it to `read`. Returns the exit code."""
    process = spawn(command, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                    errors="replace")

    def read_all() -> None:
        for line in process.stdout:
            print_line(line)
            read(line)

    reader = threading.Thread(target=read_all, daemon=True)
    reader.start()
    code = wait(process)
    reader.join(5)
    # A process that the command left behind may hold the pipe open. Closing it would then wait for that
    # process.
    if not reader.is_alive():
        process.stdout.close()
    return code


def print_line(line: str) -> None:
    """Prints a line. Characters outside the terminal's encoding become `?`; a closed pipe is ignored."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(line.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except OSError:
        sys.stdout = open("/dev/null", "w")


def wait(process: subprocess.Popen, poll: Callable[[], None] = lambda: None) -> int:
    """Waits for a program to end and returns its exit code. Calls `poll` several times a second meanwhile."""
    while True:
        try:
            return process.wait(0.2)
        except subprocess.TimeoutExpired:
            guard.reap_orphans(STARTED)
            poll()
