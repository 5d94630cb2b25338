"""Computes CloudFormation's functions (`Fn::If`, `Fn::Sub`, …) for given parameters.

What only exists once the stack is deployed stays a symbol: the ARN of the bucket is "${Bucket.Arn}".
"""

import re
from typing import Any, NamedTuple

# Stands for a property that is not set (`AWS::NoValue`).
NOTHING = object()
VARIABLE = re.compile(r"\$\{([A-Za-z0-9_:.]+)\}")


class Scope(NamedTuple):
    """What a template's functions refer to."""

    parameters: dict
    conditions: dict
    mappings: dict


def holds(condition: Any, scope: Scope) -> bool:
    """Computes a condition, given by its name or its text."""
    if isinstance(condition, str):
        return holds(scope.conditions[condition], scope)
    (function, argument), = condition.items()
    match function:
        case "Condition":
            return holds(argument, scope)
        case "Fn::Equals":
            one, other = resolve(argument, scope)
            return str(one) == str(other)
        case "Fn::Not":
            return not holds(argument[0], scope)
        case "Fn::And":
            return all(holds(part, scope) for part in argument)
        case "Fn::Or":
            return any(holds(part, scope) for part in argument)
    raise ValueError(f"{function} is no condition")


def resolve(value: Any, scope: Scope) -> Any:
    """Computes all functions in a part of a template."""
    if isinstance(value, list):
        return [part for part in (resolve(part, scope) for part in value) if part is not NOTHING]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (function, argument), = value.items()
        if function in FUNCTIONS:
            return FUNCTIONS[function](argument, scope)
    parts = {name: resolve(part, scope) for name, part in value.items()}
    return {name: part for name, part in parts.items() if part is not NOTHING}


def refer(name: str, scope: Scope) -> Any:
    """Computes `Ref`."""
    if name == "AWS::NoValue":
        return NOTHING
    return scope.parameters.get(name, f"${{{name}}}")


def choose(argument: list, scope: Scope) -> Any:
    """Computes `Fn::If`."""
    condition, yes, no = argument
    return resolve(yes if holds(condition, scope) else no, scope)


def get_attribute(argument: Any, scope: Scope) -> str:
    """Computes `Fn::GetAtt`."""
    return f"${{{argument if isinstance(argument, str) else '.'.join(argument)}}}"


def substitute(argument: Any, scope: Scope) -> str:
    """Computes `Fn::Sub`."""
    text, own = argument if isinstance(argument, list) else (argument, {})
    known = {**scope.parameters, **resolve(own, scope)}
    return VARIABLE.sub(lambda found: str(known.get(found[1], found[0])), text)


def find_in_map(argument: list, scope: Scope) -> Any:
    """Computes `Fn::FindInMap`."""
    name, first, second = resolve(argument, scope)
    return scope.mappings[name][first][second]


def join(argument: list, scope: Scope) -> str:
    """Computes `Fn::Join`."""
    separator, parts = resolve(argument, scope)
    return separator.join(parts)


def split(argument: list, scope: Scope) -> list:
    """Computes `Fn::Split`."""
    separator, text = resolve(argument, scope)
    return text.split(separator) if "${" not in text else [text]


def select(argument: list, scope: Scope) -> Any:
    """Computes `Fn::Select`. A part of a symbol is a symbol, such as "${AWS::StackId}[2]"."""
    index, parts = resolve(argument, scope)
    symbolic = len(parts) == 1 and "${" in str(parts[0]) or not isinstance(parts, list)
    return f"{parts[0] if isinstance(parts, list) else parts}[{index}]" if symbolic else parts[int(index)]


def keep(argument: Any, scope: Scope) -> str:
    """Returns a symbol for what only AWS can compute."""
    return f"${{{resolve(argument, scope)}}}"


FUNCTIONS = {
    "Ref": refer, "Fn::If": choose, "Fn::GetAtt": get_attribute, "Fn::Sub": substitute, "Fn::Join": join,
    "Fn::FindInMap": find_in_map, "Fn::Split": split, "Fn::Select": select, "Fn::Cidr": keep, "Fn::GetAZs": keep,
}
