"""Just enough of Postgres' protocol to run statements as a trusted user: no psql needed, nothing to install."""

import socket
import struct

from dev.report import Problem


def execute(port: int, sql: str, database: str = "postgres", user: str = "postgres") -> list[list[str]]:
    """Runs one text of statements and answers the rows as text; null is an empty text."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        stream = connection.makefile("rwb")
        names = b"".join(part.encode() + b"\0" for part in ("user", user, "database", database))
        startup = struct.pack("!i", 196608) + names + b"\0"
        stream.write(struct.pack("!i", len(startup) + 4) + startup)
        read_until_ready(stream)
        query = sql.encode() + b"\0"
        stream.write(b"Q" + struct.pack("!i", len(query) + 4) + query)
        rows = read_until_ready(stream)
        stream.write(b"X" + struct.pack("!i", 4))
        stream.flush()
        return rows


def read_until_ready(stream) -> list[list[str]]:
    """Collects rows until the server waits for the next statement; an error of the server's is raised then."""
    stream.flush()
    rows, problem = [], ""
    while True:
        kind, length = struct.unpack("!ci", exactly(stream, 5))
        body = exactly(stream, length - 4)
        if kind == b"D":
            rows.append(columns(body))
        elif kind == b"E":
            problem = message(body)
        if kind == b"Z" or (kind == b"E" and b"SFATAL\0" in body):
            break
    if problem:
        raise Problem(f"Postgres says: {problem}")
    return rows


def exactly(stream, count: int) -> bytes:
    """That many bytes; an end before is an error."""
    found = stream.read(count)
    if len(found) != count:
        raise ConnectionError("Postgres closed the connection")
    return found


def columns(body: bytes) -> list[str]:
    """The values of a row."""
    values, at = [], 2
    for _ in range(struct.unpack_from("!h", body)[0]):
        length = struct.unpack_from("!i", body, at)[0]
        at += 4
        values.append(body[at:at + max(length, 0)].decode())
        at += max(length, 0)
    return values


def message(body: bytes) -> str:
    """The text of an error."""
    fields = {field[:1]: field[1:].decode() for field in body.split(b"\0") if field}
    return fields.get(b"M", "an error without a text")
