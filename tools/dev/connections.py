"""The connection budget: how many connections to Postgres functions may open, and how many are allowed.

It follows from the concurrency that the functions reserve.
"""

from typing import Iterable

from dev.template_figures import STAGES, Template

# A function's pool has one connection. `migrate` opens a second one for the migrator.
POOL = {"migrate": 2}
# While a deployment moves traffic, idle sandboxes of the old version keep their connections.
VERSIONS = 2
# The connections that Aurora PostgreSQL allows, by the largest capacity of Serverless v2 in ACUs, and the
# most with a smallest capacity below 1 (Aurora User Guide, "Maximum connections for Aurora Serverless v2").
MAX_CONNECTIONS = {1: 189, 4: 823, 8: 1669, 16: 3360, 32: 5000, 64: 5000}
MAX_CONNECTIONS_BELOW_1 = 2000
# The concurrency that Lambda keeps for functions without a reservation.
UNRESERVED = 100


def sum_connections(deployed: Template) -> "dict[str, int]":
    """Returns the most connections of all functions of one version, in each stage."""
    functions = deployed.concurrency().items()
    return {stage: sum(counts[stage] * POOL.get(name, 1) for name, counts in functions) for stage in STAGES}


def max_connections(least: float, most: float) -> int:
    """Returns the connections that Aurora allows, by the smallest and the largest capacity in ACUs."""
    allowed = MAX_CONNECTIONS[int(most)]
    return allowed if least >= 1 else min(allowed, MAX_CONNECTIONS_BELOW_1)


def limit(deployed: Template, stage: str) -> int:
    """Returns the connections that the proxy may open to the database of a stage."""
    least, most = (deployed.number(f"Database{name}Capacity", stage) for name in ("Min", "Max"))
    return int(max_connections(least, most) * deployed.proxy_share())


def format_concurrency(deployed: Template) -> str:
    """Formats what the functions reserve of an account's concurrency, and how much must be free for that."""
    reserved = {stage: sum(counts[stage] for counts in deployed.concurrency().values())
                if deployed.parameter("ReservedConcurrency", stage) == "true" else 0 for stage in STAGES}
    rows = [f"| {stage} | {count} | {count + UNRESERVED if count else 'any'} |" for stage, count in reserved.items()]
    return "\n".join(["| stage | reserved | needed |", "|---|---|---|", *rows])


def format_budget(deployed: Template) -> str:
    """Formats the budget."""
    rows = [f"| `{name}` | {POOL.get(name, 1)} | {cells(counts.values())} |"
            for name, counts in sorted(deployed.concurrency().items())]
    sums = sum_connections(deployed).values()
    rows += [f"| one version | | {cells(sums)} |",
             f"| during a deployment | | {cells(VERSIONS * count for count in sums)} |",
             f"| limit | | {cells(limit(deployed, stage) for stage in STAGES)} |"]
    head = f"| function | connections of an invocation | {cells(STAGES)} |"
    return "\n".join([head, "|---|---|" + "---|" * len(STAGES), *rows])


def cells(values: "Iterable[object]") -> str:
    """Formats values as cells of a row."""
    return " | ".join(map(str, values))
