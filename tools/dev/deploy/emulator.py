"""ministack, an emulator of AWS, over TLS and with rights enforced.

It keeps everything in memory, and runs functions as processes of this machine, each with the credentials of
its role.
"""

import os
import signal
import site
import ssl
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev import deploy_tools, guard
from dev.deploy import certificate
from dev.processes import Service, Services

REGION = "eu-central-1"
# The credentials of the emulator's account, which may do everything.
ACCOUNT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@dataclass(frozen=True)
class Emulator:
    """An emulator that runs."""

    url: str
    # The certificate authority that has signed the emulator's certificate.
    authority: Path
    service: Service

    def client(self, name: str) -> Any:
        """Returns a client of one service of AWS, with all rights."""
        import boto3

        return boto3.client(name, endpoint_url=self.url, verify=str(self.authority), region_name=REGION,
                            aws_access_key_id=ACCOUNT["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=ACCOUNT["AWS_SECRET_ACCESS_KEY"])

    def trust(self) -> ssl.SSLContext:
        """Returns the settings of TLS with which Python trusts the emulator."""
        return ssl.create_default_context(cafile=str(self.authority))

    def is_ready(self) -> bool:
        """Returns whether the emulator answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=5, context=self.trust()) as answer:
                return answer.status == 200
        except OSError:
            return False

    def end_sandboxes(self) -> None:
        """Ends the processes of all functions. The next invocation of each starts a new one."""
        for process in guard.descendants(self.service.process.pid):
            guard.send_signal(process, signal.SIGKILL)


def forget_account() -> None:
    """Removes the user's own AWS account from the environment, so that nothing can be deployed to it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update({"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull})


def start(services: Services, folder: Path, logs: Path, port: int) -> Emulator:
    """Starts the emulator, and makes the libraries of its environment importable: boto3 and others."""
    programs = deploy_tools.emulator()
    site.addsitedir(str(next(programs.parent.glob("lib/python*/site-packages"))))
    certificate.create(folder)
    env = build_environment(folder, port)
    service = services.add(Service("emulator", [programs / "ministack"], logs / "emulator.log", env))
    return Emulator(f"https://localhost:{port}", folder / certificate.AUTHORITY, service)


def build_environment(folder: Path, port: int) -> dict:
    """Returns the emulator's environment. Functions inherit it, so it has nothing that a function could use.

    The exception is the certificate authority: on AWS, every machine knows those of AWS.
    """
    (folder / "tmp").mkdir()
    return {
        "PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder / "tmp"), "STATE_DIR": str(folder / "state"),
        "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "MINISTACK_HOST": "localhost", "MINISTACK_REGION": REGION,
        "AUTH": "true", "IOT_MTLS_ENABLED": "0", "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(folder / certificate.CERTIFICATE), "MINISTACK_SSL_KEY": str(folder / certificate.KEY),
        "SSL_CERT_FILE": str(folder / certificate.AUTHORITY),
    }
