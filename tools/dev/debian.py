"""Downloads sources from Debian's archive by apt. The machine's own settings of apt are not changed."""

import platform
import subprocess
from pathlib import Path

from dev.processes import run_logged
from dev.report import UserError

# The release whose sources are taken, on every release of Debian.
RELEASE = "trixie"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def download_sources(packages: "list[str]", folder: Path, log: Path) -> None:
    """Downloads the original source archives of packages into the folder, and unpacks none.

    apt checks their signatures. It gets its own list of sources, since most machines list no sources, and its
    own folders, so that it needs no rights of root.
    """
    for own in ("state/lists/partial", "cache/archives/partial"):
        (folder / own).mkdir(parents=True)
    (folder / "sources.list").write_text(f"deb-src [signed-by={KEYRING}] {find_mirror()} {RELEASE} main\n")
    options = {"Dir::Etc::SourceList": folder / "sources.list", "Dir::Etc::SourceParts": "/dev/null",
               "Dir::State": folder / "state", "Dir::Cache": folder / "cache", "APT::Sandbox::User": "root"}
    apt = ["apt-get", *(f"--option={name}={value}" for name, value in options.items())]
    run_logged("reading Debian's list of sources", [*apt, "update"], log)
    run_logged("downloading sources from Debian", [*apt, "source", "--download-only", "--tar-only", *packages], log,
               cwd=folder)


def is_available() -> bool:
    """Returns whether this machine runs Debian."""
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def find_mirror() -> str:
    """Returns the address of the mirror from which this machine installs its own release of Debian."""
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    command = ["apt-get", "indextargets", "--no-release-info", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)",
               "Created-By: Packages"]
    for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines():
        if line.startswith(f"{release} main "):
            return line.split()[2]
    raise UserError(f"apt has no mirror for Debian {release}. Look into /etc/apt/sources.list.d.")
