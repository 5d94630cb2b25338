"""moto's server, the local SQS. Tests also use it as a second object store."""

from pathlib import Path

from dev import client, tools
from dev.ports import Ports
from dev.processes import Service, Services


def start(services: Services, folder: Path, ports: Ports) -> Service:
    """Starts the server. It keeps everything in memory and loses it when it ends."""
    command = [tools.moto_server(), "-H", "127.0.0.1", "-p", ports.sqs]
    return services.add(Service("sqs", command, folder / "logs" / "sqs.log"))


def is_ready(ports: Ports) -> bool:
    """Returns whether the server answers requests."""
    return client.get_status(f"http://127.0.0.1:{ports.sqs}/moto-api/data.json") == 200
