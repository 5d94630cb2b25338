"""Where things are, and what the user's environment says about them."""

import os
from pathlib import Path

from dev.report import Problem

ROOT = Path(__file__).resolve().parents[2]

# What would lead a function to the user's own account at AWS instead of the stack.
FOREIGN = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3",
           "AWS_ENDPOINT_URL_SQS")


def load_dotenv(prefixes: tuple = ("",), path: Path = ROOT / ".env") -> None:
    """Takes variables with these prefixes from .env, unless the environment already has them."""
    if not path.is_file():
        return
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#") and name.startswith(prefixes):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def value(name: str, default: str = "") -> str:
    """A variable; one that is set to nothing counts as absent."""
    return os.environ.get(name) or default


def number(name: str, default: int, least: int = 1, most: int = 10**9) -> int:
    """A variable that is a whole number within bounds."""
    text = value(name, str(default))
    if not text.isdigit() or not least <= int(text) <= most:
        raise Problem(f"{name}={text}: expected a whole number from {least} to {most}.")
    return int(text)


def data() -> Path:
    """The folder with everything the local stack remembers."""
    return ROOT / value("DEV_DATA", ".dev")


def cache() -> Path:
    """The folder of installed tools and compiled dependencies, shared by checkouts.

    Root's is not in its home: Postgres runs as another user, who must be able to reach its programs.
    """
    if value("DOCUVAULT_CACHE"):
        return ROOT / value("DOCUVAULT_CACHE")
    if os.geteuid() == 0:
        return Path("/var/cache/docuvault")
    return Path(value("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "docuvault"
