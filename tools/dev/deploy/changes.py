"""Changes of a deployed stack: an update, an update whose migration fails, and the deletion."""

import json
from hashlib import sha384
from pathlib import Path

from dev import settings
from dev.deploy import stack as stacks
from dev.deploy import upload
from dev.deploy.place import Place, check
from dev.deploy.sam import Sam
from dev.report import UserError


def update(sam: Sam, place: Place) -> str:
    """Changes only a variable of the functions' environment. New versions of all functions must serve."""
    before = place.stack.versions()
    sam.require_deployment(LogLevel="warn", Release="2")
    after = place.stack.versions()
    check("versions", after, {function: str(int(version) + 1) for function, version in before.items()})
    event = json.loads((settings.ROOT / "events" / "quota.json").read_text())
    check("version that answers", place.stack.invoke("quota", event)[1], after["quota"])
    place.store_classified()
    return f"version {after['quota']} serves"


def fail_migration(sam: Sam, place: Place) -> str:
    """Deploys a release whose migration is refused. The old versions must still serve."""
    before = place.stack.versions()
    make_broken_release(sam.built)
    if sam.deploy():
        raise UserError("sam deploy succeeded, although the migration fails.")
    check("status", place.stack.describe()["StackStatus"], "UPDATE_ROLLBACK_COMPLETE")
    check("versions", place.stack.versions(), before)
    place.store_classified()
    return place.stack.failures()[0]


def make_broken_release(built: Path) -> None:
    """Changes the code of all functions. For `migrate` a migration looks edited after it was applied."""
    for program in built.glob("*/bootstrap"):
        # A program runs as before with a byte more at its end.
        program.write_bytes(program.read_bytes() + b"\0")
    program = built / "MigrateFunction" / "bootstrap"
    first = sorted((settings.ROOT / "migrations").glob("*.up.sql"))[0]
    program.write_bytes(spoil_checksum(program.read_bytes(), first.read_bytes()))


def spoil_checksum(program: bytes, migration: bytes) -> bytes:
    """Changes the checksum of a migration, which the program contains."""
    checksum = sha384(migration).digest()
    if program.count(checksum) != 1:
        raise UserError("migrate does not contain the checksum of its first migration: were the programs built from this checkout?")
    return program.replace(checksum, bytes(byte ^ 1 for byte in checksum))


def has_row(place: Place, key: str) -> bool:
    """Returns whether an object belongs to a document."""
    return bool(place.sql(f"select 1 from documents where object_key = '{key}'"))


def delete(sam: Sam, place: Place) -> str:
    """Deletes the stack. The bucket with its objects and the database with its rows must stay."""
    document, bucket = place.store_classified(), place.stack.bucket
    stored = place.stack.objects()
    page = place.stack.ids["PageBucket"]
    upload.remove(place.stack)
    sam.delete(stacks.NAME)
    emulator = place.stack.emulator
    check("whether the stack exists", place.stack.exists(), False)
    left = [function["FunctionName"] for function in emulator.client("lambda").list_functions()["Functions"]]
    buckets = [kept["Name"] for kept in emulator.client("s3").list_buckets()["Buckets"]]
    check("functions", left, [])
    check("whether the bucket exists", bucket in buckets, True)
    check("whether the bucket of the page exists", page in buckets, False)
    check("queues", emulator.client("sqs").list_queues().get("QueueUrls", []), [])
    # classify may remove an orphan meanwhile: the check of its rights leaves one, whose message comes late.
    gone = [key for key in sorted(set(stored) - set(place.stack.objects())) if has_row(place, key)]
    check("objects that are gone", gone, [])
    check("row", place.sql(f"select status from documents where id = '{document}'"), "classified")
    return f"bucket {bucket[:18]}… with {len(stored)} objects, and the rows"
