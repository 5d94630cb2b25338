"""The functions under `cargo lambda watch`: their environment, and invocations of single functions."""

import json
import os
import shutil
from pathlib import Path

from dev import client, minio, postgres, rust, settings, tools
from dev.ports import Ports
from dev.processes import Service, Services
from dev.report import UserError

BUCKET, REGION = "docuvault", "us-east-1"
# The folder of the `cargo` that starts sandboxes. Nothing in it changes while a stack runs.
BIN = Path(__file__).parent / "bin"

# Seconds for a call to the emulator. A sandbox ends every invocation earlier, even if it starts a process
# first. tools/local/src/config.rs has the same limit, and compares it with those of the sandbox.
EMULATOR_TIMEOUT = 150


def base_settings(folder: Path, ports: Ports, secrets: dict) -> dict:
    """Returns the settings that `./dev env` prints. `runner.provision` adds those of the queue."""
    database = f"127.0.0.1:{ports.postgres}/{postgres.DATABASE}?sslmode=disable"
    return {
        "API_URL": f"http://127.0.0.1:{ports.api}",
        "DATABASE_URL": f"postgres://docuvault_app@{database}",
        "DATABASE_MIGRATE_URL": f"postgres://docuvault_migrate@{database}",
        "S3_ENDPOINT": f"http://127.0.0.1:{ports.minio}",
        "S3_BUCKET": BUCKET,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": minio.USER,
        "AWS_SECRET_ACCESS_KEY": secrets["s3_password"],
        "SQS_ENDPOINT": f"http://127.0.0.1:{ports.sqs}",
        "LAMBDA_URL": f"http://127.0.0.1:{ports.functions}",
        "MAIL_FOLDER": str(folder / "mails"),
        "WEB_ORIGIN": settings.web_origin(ports.api),
        "JWT_SECRET": secrets["jwt_secret"],
        "FACTOR_KEYS": secrets["factor_keys"],
    }


def environment(values: dict) -> dict:
    """Returns the functions' environment: the user's without `AWS_VARIABLES`, some defaults, and `values`.

    Mails go to a folder, unless the user names a mail server.
    """
    env = {name: value for name, value in rust.environment().items() if name not in settings.AWS_VARIABLES}
    env.setdefault("DEFAULT_AI_PROVIDER", "builtin")
    env.setdefault("WEB_ORIGINS", values["WEB_ORIGIN"])
    env.setdefault("WEB_URL", values["WEB_ORIGIN"].partition(",")[0])
    env.setdefault("MAIL_FROM", "vault@localhost.localdomain")
    if env.get("SMTP_HOST"):
        values = {name: value for name, value in values.items() if name != "MAIL_FOLDER"}
    return {**env, **values}


def link_programs(programs: Path, folder: Path) -> Path:
    """Hard-links the programs into the data folder, because a later build would replace programs that run."""
    own = folder / "programs"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    try:
        for name in (*names(), "local"):
            os.link(programs / name, own / name)
    except OSError:
        # The data folder is on another disk. Copying would take gigabytes, so the stack runs cargo's own
        # files.
        return programs
    return own


def sandbox_environment(programs: Path, identities: Path, env: dict) -> dict:
    """Makes the emulator start sandboxes instead of cargo: `bin/cargo` comes first on PATH.

    The sandboxes run the programs in `programs`, each with its function's credentials from `identities`.
    """
    return {**env, "PATH": f"{BIN}{os.pathsep}{env['PATH']}", "CARGO": str(BIN / "cargo"),
            "DOCUVAULT_PROGRAMS": str(programs), "DOCUVAULT_CARGO": shutil.which("cargo") or "cargo",
            "DOCUVAULT_RELOAD": settings.value("RELOAD"), "DOCUVAULT_IDENTITIES": str(identities)}


def concurrency() -> int:
    """Returns the number of processes per function."""
    return settings.number("CONCURRENCY", 2, 1, 64)


def start(services: Services, folder: Path, ports: Ports, values: dict, programs: Path,
          identities: Path) -> Service:
    """Starts the emulator. It starts a function's processes when the function is first invoked.

    The emulator gets no `--timeout`, which would also kill processes that wait for work. The sandbox and the
    gateway have time limits of their own.

    For each process of a function the emulator watches every folder below its own, even if it ignores
    changes. When more files change at once than the kernel's queue holds, it starts all processes again:
    their events are lost, and the callers wait until they give up. So without RELOAD it runs in a folder in
    which nothing changes.
    """
    command = [tools.cargo_lambda(), "lambda", "watch", "--manifest-path", settings.ROOT / "Cargo.toml",
               "--invoke-address", "127.0.0.1", "--invoke-port", ports.functions, "--disable-cors",
               "--concurrency", concurrency()]
    watched = settings.ROOT
    if settings.value("RELOAD") != "on":
        command.append("--ignore-changes")
        watched = BIN
    (folder / "mails").mkdir(exist_ok=True)
    env = sandbox_environment(programs, identities, environment(values))
    return services.add(Service("functions", command, folder / "logs" / "functions.log", env, cwd=watched))


def invoke(values: dict, function: str, event: object) -> object:
    """Invokes a function with an event and returns its answer. Raises a UserError if the function fails."""
    url = f"{values['LAMBDA_URL']}/2015-03-31/functions/{function}/invocations"
    status, text = client.send_request(url, json.dumps(event).encode(), EMULATOR_TIMEOUT)
    answer = client.parse_json(text)
    if status == 200 and not (isinstance(answer, dict) and "errorMessage" in answer):
        return answer
    reason = answer.get("errorMessage", text) if isinstance(answer, dict) else text
    reason = reason or "it did not answer in time"
    raise UserError(f"{function} failed ({status or 'no answer'}): {reason}")


def names() -> list[str]:
    """Returns the names of all functions in the workspace."""
    return sorted(path.parent.name for path in (settings.ROOT / "functions").glob("*/Cargo.toml"))


def is_healthy(values: dict) -> bool:
    """Returns whether the API and everything it depends on answer."""
    return client.get_status(f"{values['API_URL']}/api/health") == 200


def is_listening(ports: Ports) -> bool:
    """Returns whether the emulator accepts requests, with whatever status."""
    return client.get_status(f"http://127.0.0.1:{ports.functions}/") != 0
