"""moto's server: the queue (SQS), and for tests a second object store."""

from pathlib import Path

from dev import client, tools
from dev.ports import Ports
from dev.processes import Service, Services


def start(services: Services, folder: Path, ports: Ports) -> Service:
    """Starts the server; it remembers nothing after it ends."""
    command = [tools.moto_server(), "-H", "127.0.0.1", "-p", ports.sqs]
    return services.add(Service("sqs", command, folder / "logs" / "sqs.log"))


def answers(ports: Ports) -> bool:
    """Whether it serves requests."""
    return client.status(f"http://127.0.0.1:{ports.sqs}/moto-api/data.json") == 200
