"""The ports of the local stack. They come from the environment and are checked before anything starts."""

import random
import socket
from dataclasses import dataclass
from itertools import islice

from dev import settings
from dev.report import UserError

SERVICES = {
    "API_PORT": (3000, "the API"),
    "MINIO_PORT": (9000, "MinIO"),
    "MINIO_CONSOLE_PORT": (9001, "MinIO's console"),
    "POSTGRES_PORT": (5433, "Postgres"),
    "SQS_PORT": (9324, "the queue (SQS)"),
    "LOCAL_PORT": (9325, "the local runner's webhook"),
    "LAMBDA_PORT": (9326, "the functions (cargo lambda watch)"),
}

# Ports for services that start later. They are below the ephemeral range, so that no connection takes one
# before its service listens on it. The tests' own servers use ports below these (tests/support/ports.rs).
UNASSIGNED = range(28_000, 32_768)


@dataclass(frozen=True)
class Ports:
    """One port per service, all on 127.0.0.1."""

    api: int
    minio: int
    console: int
    postgres: int
    sqs: int
    local: int
    functions: int


def from_environment() -> Ports:
    """Returns the configured ports. Raises a UserError if two services share one."""
    chosen = {name: settings.number(name, default, 1, 65535) for name, (default, _) in SERVICES.items()}
    for name, port in chosen.items():
        twin = next((other for other, value in chosen.items() if value == port and other != name), None)
        if twin:
            raise UserError(f"{name} and {twin} are both {port}: give each service a port of its own.")
    return Ports(*chosen.values())


def check_free(ports: Ports) -> None:
    """Raises a UserError for the first port that is already in use."""
    for (name, (_, service)), port in zip(SERVICES.items(), vars(ports).values()):
        if not is_free(port):
            raise UserError(f"Port {port} for {service} is already in use. Stop the program that listens on it, or set {name} "
                          "to another port.")


def is_free(port: int) -> bool:
    """Returns whether a server can listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_free() -> Ports:
    """Chooses different ports that are free at the moment."""
    return Ports(*find_free(len(SERVICES)))


def find_free(count: int) -> list[int]:
    """Returns different ports that are free at the moment."""
    candidates = random.sample(UNASSIGNED, len(UNASSIGNED))
    return list(islice(filter(is_free, candidates), count))
