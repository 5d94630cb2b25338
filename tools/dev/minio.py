"""MinIO, the local object store. It sends notifications to the local runner."""

import os
from pathlib import Path

from dev import client, settings, tools
from dev.ports import Ports
from dev.processes import Service, Services

USER = "docuvault"


def start(services: Services, folder: Path, ports: Ports, password: str, webhook_token: str = "") -> Service:
    """Starts the store.

    If there is a webhook token, the store notifies the local runner of each new object.
    """
    env = base_environment(ports, password)
    if webhook_token:
        env.update(webhook_settings(folder, ports, webhook_token))
    command = [tools.minio(), "server", folder / "minio", "--quiet", "--address", f"127.0.0.1:{ports.minio}",
               "--console-address", f"127.0.0.1:{ports.console}"]
    (folder / "minio").mkdir(parents=True, exist_ok=True)
    return services.add(Service("minio", command, folder / "logs" / "minio.log", env, cwd=folder))


def base_environment(ports: Ports, password: str) -> dict:
    """Returns the store's settings.

    The user's own MINIO_ variables are dropped: they could set another region or provider.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("MINIO_")}
    return {**env, "MINIO_ROOT_USER": USER, "MINIO_ROOT_PASSWORD": password, "MINIO_SITE_REGION": "us-east-1",
            "MINIO_UPDATE": "off", "MINIO_CALLHOME_ENABLE": "off",
            "MINIO_API_CORS_ALLOW_ORIGIN": settings.web_origin(ports.api)}


def webhook_settings(folder: Path, ports: Ports, token: str) -> dict:
    """Returns the settings of the webhook target LOCAL.

    Its queue folder keeps notifications while the runner is not running.
    """
    return {"MINIO_NOTIFY_WEBHOOK_ENABLE_LOCAL": "on",
            "MINIO_NOTIFY_WEBHOOK_ENDPOINT_LOCAL": f"http://127.0.0.1:{ports.local}/events",
            "MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_LOCAL": token,
            "MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_LOCAL": str(folder / "minio-events")}


def is_ready(ports: Ports) -> bool:
    """Returns whether the store accepts objects."""
    return client.get_status(f"http://127.0.0.1:{ports.minio}/minio/health/ready") == 200
