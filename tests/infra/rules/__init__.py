"""All rules, grouped by what they are about."""

from infra.rule import RULES
from infra.rules import (access, api, bucket, database, dependencies, deployment, environment, events,
                         functions, parameters, queues, rights, routes, state)

__all__ = ["RULES", "access", "api", "bucket", "database", "dependencies", "deployment", "environment", "events",
           "functions", "parameters", "queues", "rights", "routes", "state"]
