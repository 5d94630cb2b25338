"""The runbook: what the commands in docs/OPERATIONS.md name exists."""

import re
from typing import Iterator

from infra.repository import ROOT, Repository
from infra.rule import rule
from infra.stack import Stack

PAGE = "docs/OPERATIONS.md"
CODE = re.compile(r"^ *```bash\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
# name Queue; names AWS::Lambda::Function; search 3 "Auth Confirm" '…'; metric 7 ledger_drifts Sum
NAME, TYPE = re.compile(r"\$\(name (\w+)\)"), re.compile(r"\$\(names (AWS::[\w:]+)\)")
SEARCH, METRIC = re.compile(r"^ *search \d+ (\w+|\"[\w ]+\") '", re.MULTILINE), re.compile(r"\bmetric \d+ ([a-z_]+) ")
MESSAGE, LIST = re.compile(r'message = "([^"]+)"'), re.compile(r"\bfor M in ([a-z_ ]+);")


def read_commands() -> str:
    """Returns all commands of the page."""
    return "".join(CODE.findall((ROOT / PAGE).read_text()))


@rule
def the_runbook_names_what_exists(stack: Stack, repository: Repository) -> Iterator[str]:
    """Resources, log groups, messages and metrics in the commands of docs/OPERATIONS.md exist."""
    yield from list_unknown(read_commands(), stack, repository)


def list_unknown(commands: str, stack: Stack, repository: Repository) -> Iterator[str]:
    """Lists what commands name although it does not exist."""
    resources = stack.source["Resources"]
    groups = {f"{name}Log" for names in SEARCH.findall(commands) for name in names.strip('"').split()}
    for name in sorted({*NAME.findall(commands), *groups} - resources.keys()):
        yield f"{PAGE} names {name}, which the template does not have"
    kinds = {resource["Type"] for resource in stack.resources.values()}
    for kind in sorted(set(TYPE.findall(commands)) - kinds):
        yield f"{PAGE} looks for resources of the type {kind}, of which there are none"
    for message in sorted(set(MESSAGE.findall(commands)) - repository.log_messages):
        yield f"{PAGE} looks for lines `{message}`, which nobody writes"
    metrics = {*METRIC.findall(commands), *" ".join(LIST.findall(commands)).split()}
    for name in sorted(metrics - repository.metrics.keys()):
        yield f"{PAGE} names the metric {name}, which nobody writes"
