"""The verbs of `./dev`: which function does what, and the help text."""

import json
import re
import shlex
from pathlib import Path

from dev import checks, datadir, functions, guard, settings, stack, suite
from dev.report import Problem, complain, say

HELP = """./dev: one script for everything that is done with DocuVault on one machine.

  up                       installs what is missing, starts the whole stack and prints its address. Ctrl-C stops it; the
                           data stays in .dev/. The first time takes some 10 minutes, later ones a few seconds.
  env                      prints the settings of the running stack:  export $(./dev env)
  admin <email>            makes an administrator in the running stack and prints a temporary password
  invoke <function> [file] calls one function of the running stack with an event (default: events/<function>.json)
  reset [--yes]            forgets the data of the stack, after asking
  check [--advisories]     format, lints, documentation, licences and the rules of the house; no services needed.
                           --advisories asks the internet for known security problems, too
  test [arguments]         check, then all tests, on services of their own; arguments go to `cargo test` (without check).
                           Its last lines name what was red, and the command that runs just that. One check has a stack
                           idle for 100 seconds, or for SOAK_SECONDS
  bench [arguments]        the benchmark, on release programs
  help                     this text

Environment (or a file .env beside this script, see .env.example):
  API_PORT 3000, MINIO_PORT 9000, MINIO_CONSOLE_PORT 9001, POSTGRES_PORT 5433, SQS_PORT 9324, LOCAL_PORT 9325,
  LAMBDA_PORT 9326         where the services listen, all on 127.0.0.1; the functions are called through API_PORT, and by
                           Lambda's Invoke API at LAMBDA_PORT
  DEV_DATA                 the folder of the stack's data (.dev)
  CONCURRENCY              processes per function (2); RELOAD=on restarts functions when their source changes
  WEB_ORIGIN               origins of browsers that may use the object store (http://localhost:5173)
  DEFAULT_AI_PROVIDER      who classifies (builtin: offline, by keywords), DEFAULT_AI_MODEL with which model;
                           how others are reached: docs/PROVIDERS.md
  VISIBILITY_TIMEOUT       seconds until an unfinished message is delivered again (540)
  MAX_RECEIVES             how often a message is delivered before it is a dead letter (100)
  CLEANUP_INTERVAL         seconds between two runs of cleanup (1800)
  API_TIMEOUT              seconds that the gateway waits for an answer (29)
  FUNCTION_TIMEOUT         seconds for one invocation (0: 30 for a request, 90 for all else)
  INIT_TIMEOUT             seconds until a function's process first asks for work (30)
  DOCUVAULT_CACHE          the folder of installed tools and compiled dependencies, shared by checkouts
                           (root: /var/cache/docuvault, others: ~/.cache/docuvault)
  DOCUVAULT_POSTGRES       a folder with the programs of Postgres, or `wheel`: the one from PyPI
  DOCUVAULT_MINIO          a minio program to use instead of building one"""

# What a shell leaves as it is: quotes would become part of the value in `export $(./dev env)`.
PLAIN = re.compile(r"[\w@%+=:,./?-]*", re.ASCII)

# What tests take from .env: where things are, and not how this machine's stack is to behave.
TEST_SETTINGS = ("DOCUVAULT_", "DEV_DATA")


def main(arguments: list) -> int:
    """Runs one verb and answers the exit code."""
    verb, *rest = arguments or ["help"]
    try:
        settings.load_dotenv(prefixes(verb))
        return dispatch("help" if verb in ("-h", "--help") else verb, rest)
    except Problem as problem:
        complain(str(problem))
        return 1
    except KeyboardInterrupt:
        return 130


def prefixes(verb: str) -> tuple:
    """Which variables of .env the verb takes; a stack that a test starts is told by it where the programs are, and is the test's."""
    return TEST_SETTINGS if verb in ("test", "bench") or settings.value("DOCUVAULT_PROGRAMS") else ("",)


def dispatch(verb: str, rest: list) -> int:
    """Finds the verb's function; what starts services runs guarded."""
    if verb == "test":
        return guard.run(lambda: suite.test(rest))
    if verb == "bench":
        return guard.run(lambda: suite.bench(rest))
    if verb == "up" and not rest:
        return guard.run(stack.up)
    simple = {"help": show_help, "env": env, "admin": admin, "invoke": invoke, "reset": reset, "check": check}
    expected = {"help": (0,), "env": (0,), "admin": (1,), "invoke": (1, 2), "reset": (0, 1), "check": (0, 1)}
    if verb not in simple or len(rest) not in expected[verb]:
        raise Problem(f"`{' '.join(['./dev', verb, *rest])}` is not understood. ./dev help lists the verbs.")
    return simple[verb](*rest)


def show_help() -> int:
    """Prints the help text."""
    say(HELP)
    return 0


def env() -> int:
    """Prints the running stack's settings."""
    for name, value in datadir.read_settings(settings.data()).items():
        say(f"{name}={value if PLAIN.fullmatch(value) else shlex.quote(value)}")
    return 0


def admin(email: str) -> int:
    """Makes an administrator."""
    values = datadir.read_settings(settings.data())
    answer = functions.invoke(values, "migrate", {"create_admin": email})
    password = answer.get("temporary_password") if isinstance(answer, dict) else None
    say(f"{email} may sign in with the temporary password {password} and must change it then."
        if password else json.dumps(answer, indent=2))
    return 0


def invoke(function: str, event: str = "") -> int:
    """Calls one function."""
    if function not in functions.names():
        raise Problem(f"There is no function {function}. There are: {', '.join(functions.names())}.")
    path = Path(event) if event else settings.ROOT / "events" / f"{function}.json"
    try:
        body = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Problem(f"The event can't be read from {path}: {error}")
    say(json.dumps(functions.invoke(datadir.read_settings(settings.data()), function, body), indent=2))
    return 0


def reset(consent: str = "") -> int:
    """Forgets the data folder."""
    folder = settings.data()
    if consent not in ("", "--yes"):
        raise Problem(f"reset takes --yes or nothing, not {consent}.")
    if not folder.exists():
        say(f"{folder} does not exist: nothing to forget.")
        return 0
    if not consent and not agreed(f"Forget all documents, accounts and logs in {folder}? [y/N] "):
        say("kept")
        return 1
    datadir.forget(folder)
    say(f"forgot {folder}")
    return 0


def agreed(question: str) -> bool:
    """Whether the user says yes; a script that can't is taken to say no."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def check(option: str = "") -> int:
    """Runs all checks."""
    if option not in ("", "--advisories"):
        raise Problem(f"check takes --advisories or nothing, not {option}.")
    failed = checks.failures([option] if option else [])
    say(f"\nFAILED: {', '.join(failed)}" if failed else "\nall checks passed")
    return 1 if failed else 0
