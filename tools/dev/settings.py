"""Settings from the environment and `.env`, and the paths that follow from them."""

import os
from pathlib import Path

from dev.report import UserError

ROOT = Path(__file__).resolve().parents[2]

# Variables that are removed from the functions' environment: they could lead to the user's AWS account, not
# the stack.
AWS_VARIABLES = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3",
                 "AWS_ENDPOINT_URL_SQS")


def load_dotenv(prefixes: tuple = ("",), path: Path = ROOT / ".env") -> None:
    """Reads variables with these prefixes from .env. Variables that are already set keep their values."""
    if not path.is_file():
        return
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#") and name.startswith(prefixes):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def value(name: str, default: str = "") -> str:
    """Returns the value of a variable. An empty one counts as unset."""
    return os.environ.get(name) or default


def number(name: str, default: int, least: int = 1, most: int = 10**9) -> int:
    """Returns the value of a variable that must be a whole number from `least` to `most`."""
    text = value(name, str(default))
    if not text.isdigit() or not least <= int(text) <= most:
        raise UserError(f"{name}={text}: expected a whole number from {least} to {most}.")
    return int(text)


def web_origin(api_port: int) -> str:
    """Returns the origins of the page, separated by commas: where the local gateway serves it, and Vite."""
    return value("WEB_ORIGIN", f"http://localhost:{api_port},http://127.0.0.1:{api_port},http://localhost:5173")


def data_folder() -> Path:
    """Returns the folder with the data and the logs of the local stack."""
    return ROOT / value("DEV_DATA", ".dev")


def cache_folder() -> Path:
    """Returns the folder for installed tools and compiled dependencies, shared by all checkouts.

    For root it is not in the home folder: Postgres then runs as another user, who must be able to read its
    programs.
    """
    if value("DOCUVAULT_CACHE"):
        return ROOT / value("DOCUVAULT_CACHE")
    if os.geteuid() == 0:
        return Path("/var/cache/docuvault")
    return Path(value("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "docuvault"
