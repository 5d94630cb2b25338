"""Makes users of MinIO with a policy each: run by the Python that has the package `minio`, with an order on standard input,
`{"endpoint", "root": [name, secret], "users": {name: {"secret", "policy"}}, "all": bool}`. With `all`, users that an earlier order made and
this one does not name are removed."""

import json
import sys

from minio.credentials import StaticProvider
from minio.minioadmin import MinioAdmin


def make(order: dict) -> None:
    """Makes each user, or changes it to what it shall be."""
    admin = MinioAdmin(endpoint=order["endpoint"].removeprefix("http://"), credentials=StaticProvider(*order["root"]), secure=False)
    if order.get("all"):
        remove_others(admin, order["users"])
    for name, user in order["users"].items():
        admin.user_add(name, user["secret"])
        if user["policy"]["Statement"]:
            admin.policy_add(name, policy=user["policy"])
            admin.policy_set(name, user=name)
        else:
            # MinIO takes no policy without statements; a user who never had one may do nothing.
            admin.user_remove(name)
            admin.user_add(name, user["secret"])


def remove_others(admin: MinioAdmin, wanted: dict) -> None:
    """Only those that have the policy of their own name, as we make them: others are none of ours."""
    for name, user in json.loads(admin.user_list()).items():
        if name not in wanted and user.get("policyName") == name:
            admin.user_remove(name)


if __name__ == "__main__":
    make(json.load(sys.stdin))
