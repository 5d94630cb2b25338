"""All rules, grouped by what they are about."""

from infra.rule import RULES
from infra.rules import (access, alarms, api, bucket, database, dependencies, deployment, environment,
                         events, functions, metrics, page, parameters, queues, rights, routes, runbook, state)

__all__ = ["RULES", "access", "alarms", "api", "bucket", "database", "dependencies", "deployment", "environment",
           "events", "functions", "metrics", "page", "parameters", "queues", "rights", "routes", "runbook", "state"]
