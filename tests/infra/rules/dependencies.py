"""Resources that name each other. CloudFormation creates a resource after all those that it names."""

import re
from graphlib import CycleError, TopologicalSorter
from typing import Any, Iterator

from infra.repository import Repository
from infra.rule import rule
from infra.rules.rights import as_list
from infra.stack import Stack

# A name in the text of Fn::Sub, with or without an attribute. `${!Name}` is a literal text.
VARIABLE = re.compile(r"\$\{([^!}.]+)")


def list_names(part: Any) -> Iterator[str]:
    """Lists what a part of a template names by CloudFormation's functions. Both ways of Fn::If count."""
    if isinstance(part, list):
        for one in part:
            yield from list_names(one)
    if isinstance(part, dict):
        for key, value in part.items():
            match key:
                case "Ref":
                    yield value
                case "Fn::GetAtt":
                    yield value[0] if isinstance(value, list) else value.partition(".")[0]
                case "Fn::Sub":
                    yield from VARIABLE.findall(as_list(value)[0])
                    yield from list_names(as_list(value)[1:])
                case _:
                    yield from list_names(value)


@rule
def no_resource_depends_on_itself(stack: Stack, _: Repository) -> Iterator[str]:
    """CloudFormation refuses a stack if a resource names itself, whether directly or through others.

    All attributes count, such as UpdatePolicy, in which an alias names its deployments.
    """
    resources = stack.transformed["Resources"]
    graph = {name: sorted({*list_names(resource), *as_list(resource.get("DependsOn", []))} & resources.keys())
             for name, resource in resources.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"{' needs '.join(reversed(error.args[1]))}"
