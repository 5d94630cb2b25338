"""Uploads the page by the commands of docs/DEPLOY.md, and removes it by them."""

import re

from dev import page, settings
from dev.deploy import commands
from dev.deploy.place import check
from dev.deploy.stack import Stack

PAGE = "docs/DEPLOY.md"
# What is in the blocks of commands: the helper for all others, the upload, and the removal.
OUTPUT, SYNC, REMOVE = "output() {", "aws s3 sync", "aws s3 rm"
# How long browsers keep assets and other files, in the source of the local gateway.
CACHING = re.compile(r'if lasting \{ "([^"]+)" \} else \{ "([^"]+)" \}')
# The types with which browsers run and show files.
TYPES = {".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
         ".svg": "image/svg+xml"}


def upload(stack: Stack) -> str:
    """Uploads the page. Each file must be served with the type and the caching of the local gateway."""
    built = page.build()
    commands.paste(stack.emulator, settings.ROOT, PAGE, OUTPUT, SYNC)
    files = {path.relative_to(built).as_posix(): path for path in built.rglob("*")
             if path.is_file() and ".vite" not in path.parts}
    lasting, other = CACHING.search((settings.ROOT / "tools/local/src/gateway/page.rs").read_text()).groups()
    check("files of the page", list_files(stack), sorted(files))
    for name, path in files.items():
        head = stack.emulator.client("s3").head_object(Bucket=stack.ids["PageBucket"], Key=name)
        wanted = (lasting if name.startswith("assets/") else other, TYPES.get(path.suffix, "one of TYPES"))
        check(f"caching and type of {name}", (head.get("CacheControl"), normalize(head["ContentType"])), wanted)
    return f"{len(files)} files"


def list_files(stack: Stack) -> "list[str]":
    """Returns the names of the files in the page's bucket, sorted."""
    found = stack.emulator.client("s3").list_objects_v2(Bucket=stack.ids["PageBucket"])
    return sorted(stored["Key"] for stored in found.get("Contents", []))


def normalize(kind: str) -> str:
    """Returns the type's name in TYPES. Older releases of the AWS CLI have another one for scripts."""
    return kind.replace("application/javascript", "text/javascript")


def remove(stack: Stack) -> None:
    """Empties the page's bucket. The emulator would delete it with its files, which AWS refuses."""
    commands.paste(stack.emulator, settings.ROOT, PAGE, OUTPUT, REMOVE)
    check("files of the page", list_files(stack), [])
