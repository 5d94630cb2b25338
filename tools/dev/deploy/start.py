"""Starts programs for arm64 on this machine: under qemu, in AWS's own Runtime Interface Emulator."""

import json
import shutil
import socket
import tempfile
from pathlib import Path

from dev import client, deploy_tools, functions, ports, settings
from dev.processes import Service, Services
from dev.report import UserError, say

# Where Debian's libc6-arm64-cross puts the C library for arm64.
LIBRARIES = Path("/usr/aarch64-linux-gnu")
# What a function needs to start. Nothing listens at these addresses, so that it answers that they are gone.
NOWHERE = "127.0.0.1:1"
VARIABLES = {
    "DATABASE_URL": f"postgres://docuvault_app@{NOWHERE}/docuvault", "S3_BUCKET": "documents", "S3_ENDPOINT": f"http://{NOWHERE}",
    "DATABASE_MIGRATE_URL": f"postgres://docuvault_migrate@{NOWHERE}/docuvault", "SQS_ENDPOINT": f"http://{NOWHERE}",
    "QUEUE_URL": f"http://{NOWHERE}/queue", "DEAD_LETTER_QUEUE_ARN": "arn:aws:sqs:eu-central-1:000000000000:dead-letters",
    "DEFAULT_AI_PROVIDER": "builtin", "JWT_SECRET": "0123456789abcdef0123456789abcdef", "FACTOR_KEYS": "0123456789abcdef0123456789abcdef",
    "WEB_ORIGINS": "https://vault.example.com", "WEB_URL": "https://vault.example.com", "MAIL_FROM": "vault@example.com",
    "SMTP_HOST": "mail.example.com",
    "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing",
}
# Seconds until an answer. qemu is many times slower than the processor.
PATIENCE = 60


def find_obstacle() -> str:
    """Returns why programs for arm64 cannot be started here, and what to do about it, or an empty text."""
    if not shutil.which("qemu-aarch64") or not LIBRARIES.exists():
        return ("qemu-aarch64 or the C library for arm64 is missing. Install them to start the programs here, too (Debian: "
                "apt-get install qemu-user libc6-arm64-cross).")
    if not shutil.which("go"):
        return "Go is missing, which builds AWS's Runtime Interface Emulator. Install it to start the programs here, too."
    return ""


def start_all(folder: Path) -> None:
    """Starts each function once. Raises a UserError if one does not answer."""
    if obstacle := find_obstacle():
        say(f"The programs were not started: {obstacle}")
        return
    say("Started under qemu, each with a recorded event")
    with tempfile.TemporaryDirectory() as scratch:
        for name in functions.names():
            event = (settings.ROOT / "events" / f"{name}.json").read_bytes()
            say(f"  {name:<12}{summarize(invoke(folder / name / 'bootstrap', event, Path(scratch) / f'{name}.log'))}")


def invoke(program: Path, event: bytes, log: Path) -> object:
    """Starts a program, sends it an event and returns its answer."""
    chosen = ports.choose_free()
    address, runtime = f"127.0.0.1:{chosen.functions}", f"127.0.0.1:{chosen.local}"
    command = [deploy_tools.runtime_emulator(), "--runtime-interface-emulator-address", address, "--runtime-api-address", runtime,
               shutil.which("qemu-aarch64"), "-L", LIBRARIES, program]
    with Services() as services:
        service = services.add(Service(program.parent.name, command, log, VARIABLES))
        services.wait(service, lambda: is_listening(chosen.functions))
        status, text = client.send_request(f"http://{address}/2015-03-31/functions/function/invocations", event, PATIENCE)
        if status != 200:
            raise UserError(f"{program} does not answer under qemu: {status} {text}\n{log.read_text(errors='replace')}")
        return client.parse_json(text)


def is_listening(port: int) -> bool:
    """Returns whether a server listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def summarize(answer: object) -> str:
    """Describes an answer in a few words. A process that has died is an error."""
    if not isinstance(answer, dict):
        raise UserError(f"The answer is not an object: {answer}")
    if str(answer.get("errorType", "")).startswith("Runtime."):
        raise UserError(f"The program did not start: {json.dumps(answer)}")
    return f"answers {answer.get('statusCode') or answer.get('errorMessage') or json.dumps(answer)}"
