"""The functions under `cargo lambda watch`: their environment, and calls of single functions."""

import json
import os
import shutil
from pathlib import Path

from dev import client, minio, postgres, rust, settings, tools
from dev.ports import Ports
from dev.processes import Service, Services
from dev.report import Problem

BUCKET, REGION = "docuvault", "us-east-1"


def base_settings(folder: Path, ports: Ports, secrets: dict) -> dict:
    """What `./dev env` prints, but for the queue's address, which provisioning finds out."""
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
        "MAIL_DIR": str(folder / "mail"),
        "JWT_SECRET": secrets["jwt_secret"],
    }


def environment(values: dict) -> dict:
    """The environment of functions: ours without AWS profiles, sensible local defaults, and the stack's settings."""
    env = {name: value for name, value in rust.environment().items() if name not in settings.FOREIGN}
    env.setdefault("DEFAULT_AI_PROVIDER", "builtin")
    env.setdefault("WEB_ORIGIN", "http://localhost:5173")
    return {**env, **values}


def kept(programs: Path, folder: Path) -> Path:
    """Other names for the programs as they are now: a build while the stack runs replaces the files that cargo made."""
    own = folder / "programs"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    try:
        for name in (*names(), "local"):
            os.link(programs / name, own / name)
    except OSError:
        # On another disk they would have to be copied, all the gigabytes of them.
        return programs
    return own


def sandboxed(programs: Path, identities: Path, env: dict) -> dict:
    """Has the emulator start sandboxes. They run programs that are built already; each has its function's user at the store."""
    own = Path(__file__).parent / "bin"
    return {**env, "PATH": f"{own}{os.pathsep}{env['PATH']}", "CARGO": str(own / "cargo"), "DOCUVAULT_PROGRAMS": str(programs),
            "DOCUVAULT_CARGO": shutil.which("cargo") or "cargo", "DOCUVAULT_RELOAD": settings.value("RELOAD"),
            "DOCUVAULT_IDENTITIES": str(identities)}


def concurrency() -> int:
    """Processes per function."""
    return settings.number("CONCURRENCY", 2, 1, 64)


def start(services: Services, folder: Path, ports: Ports, values: dict, programs: Path, identities: Path) -> Service:
    """Starts the emulator; it starts a function's processes when they are first called, each with its credentials in `identities`.

    Without `--timeout`, which would also end their wait for work: sandbox and gateway have limits of their own.
    """
    command = [tools.cargo_lambda(), "lambda", "watch", "--invoke-address", "127.0.0.1", "--invoke-port", ports.functions,
               "--disable-cors", "--concurrency", concurrency()]
    if settings.value("RELOAD") != "on":
        command.append("--ignore-changes")
    (folder / "mail").mkdir(exist_ok=True)
    env = sandboxed(programs, identities, environment(values))
    return services.add(Service("functions", command, folder / "logs" / "functions.log", env, cwd=settings.ROOT))


def invoke(values: dict, function: str, event: object, seconds: float = 120) -> object:
    """Calls one function with an event and answers what it says; an error of the function's is a problem. It has 90 seconds."""
    url = f"{values['LAMBDA_URL']}/2015-03-31/functions/{function}/invocations"
    status, text = client.request(url, json.dumps(event).encode(), seconds)
    answer = client.parsed(text)
    if status == 200 and not (isinstance(answer, dict) and "errorMessage" in answer):
        return answer
    reason = answer.get("errorMessage", text) if isinstance(answer, dict) else text
    reason = reason or "it did not answer in time"
    raise Problem(f"{function} failed ({status or 'no answer'}): {reason}")


def names() -> list[str]:
    """All functions of the workspace."""
    return sorted(path.parent.name for path in (settings.ROOT / "functions").glob("*/Cargo.toml"))


def healthy(values: dict) -> bool:
    """Whether the API and all that it depends on answer."""
    return client.status(f"{values['API_URL']}/api/health") == 200


def listening(ports: Ports) -> bool:
    """Whether the emulator takes calls, whatever it answers."""
    return client.status(f"http://127.0.0.1:{ports.functions}/") != 0
