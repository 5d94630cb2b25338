"""Programs that `./dev` runs: services with a log that are stopped in order, and commands that end by themselves."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Callable, Optional

from dev import guard, settings
from dev.report import Heartbeat, Problem, tail


# What we started and wait for ourselves.
OWN: "set[int]" = set()


def spawn(command: list, **how) -> subprocess.Popen:
    """Starts a program that reads no input."""
    process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, **how)
    OWN.add(process.pid)
    return process


class Service:
    """A long-running program in a process group of its own, its output in one log file."""

    def __init__(self, name: str, command: list, log: Path, env: Optional[dict] = None, user: str = "",
                 cwd: Optional[Path] = None, stop_signal: int = signal.SIGTERM, grace: float = 8) -> None:
        self.name, self.log, self.stop_signal, self.grace = name, log, stop_signal, grace
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_name(log.name + ".1"))
        with log.open("wb") as output:
            self.process = spawn(command, env=env, cwd=cwd, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                                 preexec_fn=lambda: guard.die_with_parent(stop_signal), **as_user(user))

    def running(self) -> bool:
        """Whether the program has not ended yet."""
        return self.process.poll() is None

    def check(self) -> None:
        """Fails with the end of the log when the program has died."""
        if not self.running():
            raise Problem(f"{self.name} stopped by itself (exit code {self.process.returncode}). "
                          f"Its log is {self.log}:{tail(self.log)}")

    def stop(self) -> None:
        """Asks the group to end, waits, and ends it by force when the grace is over."""
        for number, patience in ((self.stop_signal, self.grace), (signal.SIGKILL, self.grace)):
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                pass
            try:
                self.process.wait(patience)
                return
            except subprocess.TimeoutExpired:
                continue


class Services:
    """What one run of `./dev` has started, in order; stopped in the reverse order at the end of the `with` block."""

    def __init__(self) -> None:
        self.started: list[Service] = []

    def __enter__(self) -> "Services":
        return self

    def __exit__(self, *_: object) -> None:
        guard.ignore_signals()
        while self.started:
            self.started.pop().stop()

    def add(self, service: Service) -> Service:
        """Takes charge of a service."""
        self.started.append(service)
        return service

    def check(self) -> None:
        """Fails when any of them has died."""
        guard.reap_orphans(OWN)
        for service in self.started:
            service.check()

    def watch(self, meanwhile: Callable[[], None]) -> None:
        """Stays until a service dies; a signal ends it, too."""
        while True:
            meanwhile()
            self.check()
            time.sleep(0.3)

    def wait(self, service: Service, answers: Callable[[], bool], seconds: float = 60) -> None:
        """Waits until the service answers; fails when one dies first or time is up."""
        deadline = time.monotonic() + seconds
        while not answers():
            self.check()
            if time.monotonic() > deadline:
                raise Problem(f"{service.name} did not answer within {seconds:.0f} s. "
                              f"Its log is {service.log}:{tail(service.log)}")
            time.sleep(0.05)


def as_user(user: str) -> dict:
    """Arguments of `subprocess` that run a program as another user, with that user's groups only."""
    return {"user": user, "group": primary_group(user), "extra_groups": []} if user else {}


def primary_group(user: str) -> int:
    """The user's own group."""
    import pwd

    return pwd.getpwnam(user).pw_gid


def silent(what: str, command: list, log: Path, env: Optional[dict] = None, user: str = "") -> None:
    """Runs a command to its end with its output in a log, saying now and then that it still runs."""
    heart = Heartbeat(what)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        # Another user may not enter our folder; cargo finds in it which toolchain to use.
        cwd = "/" if user else settings.ROOT
        process = spawn(command, env=env, stdout=output, stderr=subprocess.STDOUT, cwd=cwd, **as_user(user))
        code = finish(process, heart.beat)
    if code:
        raise Problem(f"{what} failed (exit code {code}). The log is {log}:{tail(log)}")


def visible(command: list, env: Optional[dict] = None, cwd: Optional[Path] = None) -> int:
    """Runs a command to its end, its output going where ours goes."""
    return finish(spawn(command, env=env, cwd=cwd))


def overheard(command: list, hear: Callable[[str], None], env: Optional[dict] = None, cwd: Optional[Path] = None) -> int:
    """Runs a command to its end; each line of its output goes where ours goes, and is heard."""
    process = spawn(command, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")

    def pass_on() -> None:
        for line in process.stdout:
            write(line)
            hear(line)

    reader = threading.Thread(target=pass_on, daemon=True)
    reader.start()
    code = finish(process)
    reader.join(5)
    # A process that was left behind may hold the pipe: then closing it would wait for that process's end.
    if not reader.is_alive():
        process.stdout.close()
    return code


def write(line: str) -> None:
    """Prints a line; characters that the terminal lacks become `?`, and a reader that went away is no reason to fail."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(line.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except OSError:
        sys.stdout = open("/dev/null", "w")


def finish(process: subprocess.Popen, meanwhile: Callable[[], None] = lambda: None) -> int:
    """Waits for a program's end and answers its exit code."""
    while True:
        try:
            return process.wait(0.2)
        except subprocess.TimeoutExpired:
            guard.reap_orphans(OWN)
            meanwhile()
