"""The pooler in front of Postgres: PgBouncer in transaction mode, for tests."""

import socket
from pathlib import Path

from dev import pgbouncer, postgres
from dev.processes import Service, Services

# The most connections to one database. Tests have more sandboxes than that.
POOL_SIZE = 4
# The only role that may connect. Its password is empty, because Postgres trusts connections from loopback.
USERS = '"docuvault_app" ""\n'
# After each transaction, the connection forgets everything. So a statement that relies on an earlier one
# always fails, and not only if the pooler chooses another connection. With max_prepared_statements above 0,
# PgBouncer would prepare a client's statements again.
CONFIG = """\
[databases]
* = host=127.0.0.1 port={postgres_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = {pool_size}
server_reset_query = discard all
server_reset_query_always = 1
max_prepared_statements = 0
max_client_conn = 1000
log_connections = 0
log_disconnections = 0
"""


def start(services: Services, folder: Path, port: int, postgres_port: int) -> Service:
    """Starts the pooler for every database of the server. It runs as the user of Postgres, never as root."""
    users, config = folder / "pooler-users.txt", folder / "pooler.ini"
    users.write_text(USERS)
    config.write_text(CONFIG.format(port=port, postgres_port=postgres_port, users=users, pool_size=POOL_SIZE))
    program, user = pgbouncer.program(), postgres.os_user()
    postgres.check_reachable(program.parent, user, "DOCUVAULT_CACHE")
    return services.add(Service("pooler", [program, config], folder / "logs" / "pooler.log", user=user, cwd=Path("/")))


def is_ready(port: int) -> bool:
    """Returns whether the pooler accepts connections."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
