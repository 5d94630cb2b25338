"""Creates MinIO users, each with its own policy.

Runs in the virtual environment that has the package `minio`. Reads this JSON from standard input:
`{"endpoint", "root": [name, secret], "users": {name: {"secret", "policy"}}, "all": bool}`. With `all`, users
of earlier runs that are not in `users` are deleted.
"""

import json
import sys

from minio.credentials import StaticProvider
from minio.minioadmin import MinioAdmin


def create(order: dict) -> None:
    """Creates each user, or updates its secret and policy."""
    credentials = StaticProvider(*order["root"])
    admin = MinioAdmin(endpoint=order["endpoint"].removeprefix("http://"), credentials=credentials, secure=False)
    if order.get("all"):
        remove_others(admin, order["users"])
    for name, user in order["users"].items():
        admin.user_add(name, user["secret"])
        if user["policy"]["Statement"]:
            admin.policy_add(name, policy=user["policy"])
            admin.policy_set(name, user=name)
        else:
            # MinIO refuses a policy without statements. A new user without a policy has no rights either.
            admin.user_remove(name)
            admin.user_add(name, user["secret"])


def remove_others(admin: MinioAdmin, wanted: dict) -> None:
    """Deletes users that are not wanted. Only users with a policy of their own name were created here."""
    for name, user in json.loads(admin.user_list()).items():
        if name not in wanted and user.get("policyName") == name:
            admin.user_remove(name)


if __name__ == "__main__":
    create(json.load(sys.stdin))
