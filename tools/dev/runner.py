"""The local runner (tools/local): what AWS does before and between the functions."""

import os
import subprocess
from pathlib import Path

from dev import functions, settings
from dev.ports import Ports
from dev.processes import Service, Services
from dev.report import Problem


def environment(ports: Ports, values: dict, token: str) -> dict:
    """What the runner reads; limits of the user's own choice are respected."""
    env = {name: value for name, value in os.environ.items() if name not in settings.FOREIGN}
    return {**env, **values, "API_PORT": str(ports.api), "CONCURRENCY": str(functions.concurrency()),
            "LOCAL_PORT": str(ports.local), "WEBHOOK_TOKEN": token}


def provision(program: Path, env: dict) -> dict:
    """Makes bucket, queues and notification, where they are missing; answers the settings that name the queues."""
    answer = subprocess.run([program, "provision"], env=env, capture_output=True, text=True, timeout=60)
    if answer.returncode:
        raise Problem(f"Bucket and queues could not be made:\n{answer.stderr.strip() or answer.stdout.strip()}")
    return dict(line.split("=", 1) for line in answer.stdout.splitlines() if "=" in line)


def start(services: Services, folder: Path, program: Path, env: dict) -> Service:
    """Starts the runner; asked to stop it finishes the batch in hand."""
    return services.add(Service("local", [program, "run"], folder / "logs" / "local.log", env, cwd=settings.ROOT))
