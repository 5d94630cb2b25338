"""The local runner (tools/local).

It stands in for API Gateway, the queue's event source mapping and the scheduler.
"""

import os
import subprocess
from pathlib import Path

from dev import functions, settings
from dev.ports import Ports
from dev.processes import Service, Services
from dev.report import UserError


def environment(ports: Ports, values: dict, token: str, page_folder: Path) -> dict:
    """Returns the runner's environment: the user's, which may set time limits, and the stack's."""
    env = {name: value for name, value in os.environ.items() if name not in settings.AWS_VARIABLES}
    return {**env, **values, "API_PORT": str(ports.api), "CONCURRENCY": str(functions.concurrency()),
            "LOCAL_PORT": str(ports.local), "WEBHOOK_TOKEN": token,
            "PAGE_FOLDER": str(page_folder)}


def provision(program: Path, env: dict) -> dict:
    """Creates the bucket, its notification and the queues if they are missing.

    Returns the settings of the queues.
    """
    answer = subprocess.run([program, "provision"], env=env, capture_output=True, text=True, timeout=60)
    if answer.returncode:
        raise UserError(f"Cannot create the bucket and the queues:\n{answer.stderr.strip() or answer.stdout.strip()}")
    return dict(line.split("=", 1) for line in answer.stdout.splitlines() if "=" in line)


def start(services: Services, folder: Path, program: Path, env: dict) -> Service:
    """Starts the runner. When it is stopped, it finishes the batch that it is working on."""
    return services.add(Service("local", [program, "run"], folder / "logs" / "local.log", env, cwd=settings.ROOT))
