"""Reads figures of what is deployed to AWS from `infra/template.yaml` and `samconfig.toml`.

Python has no parser for YAML, and these figures need none: each stands on a line of its own.
"""

import re
import tomllib
from typing import NamedTuple, Optional

from dev import settings

STAGES = ("dev", "staging", "prod")
RESOURCE = re.compile(r"^  (\w+):\n    Type: (AWS::[\w:]+)\n((?:(?:    .*)?\n)*)", re.MULTILINE)


class Resource(NamedTuple):
    """A resource of the template: its name, its type, and the text of everything else."""

    name: str
    type: str
    body: str


class Template:
    """The figures of a template, with the parameters of each stage in SAM's configuration."""

    def __init__(self, text: str, config: dict) -> None:
        self.text, self.config = text, config
        self.resources = [Resource(*found.groups()) for found in RESOURCE.finditer(text)]

    def count(self, type: str, pattern: str = "") -> int:
        """Returns how many resources have this type, and a match of the pattern in their text."""
        bodies = [resource.body for resource in self.resources if resource.type == type]
        return sum(1 for body in bodies if re.search(pattern, body))

    def count_events(self, type: str) -> int:
        """Returns how many events of this type functions have, such as routes (`HttpApi`)."""
        return len(re.findall(rf"^          Type: {type}$", self.text, re.MULTILINE))

    def memory(self) -> "dict[str, int]":
        """Returns the memory of each function, in MB."""
        common = find_number(r"^  Function:\n(?:    .*\n)*?    MemorySize: (\d+)", self.text)
        functions = [resource.body for resource in self.resources if resource.type == "AWS::Serverless::Function"]
        return {find(r"Binary: ([\w-]+)", body): find_number(r"^      MemorySize: (\d+)", body) or common for body in functions}

    def parameter(self, name: str, stage: str) -> str:
        """Returns the value of a parameter: that of the stage, or the default."""
        overrides = self.config[stage]["deploy"]["parameters"]["parameter_overrides"]
        own = dict(entry.split("=", 1) for entry in overrides)
        return own.get(name) or find(rf"^  {name}:\n(?:    .*\n)*?    Default: \"?([\w.]+)", self.text)

    def number(self, name: str, stage: str) -> float:
        """Returns the value of a parameter that is a number."""
        return float(self.parameter(name, stage))

    def alarm_metrics(self, stage: str) -> int:
        """Returns the metrics that all alarms watch. An alarm on an expression watches each metric in it."""
        bodies = [resource.body for resource in self.resources if resource.type == "AWS::CloudWatch::Alarm"]
        if self.parameter("ReservedConcurrency", stage) != "true":
            bodies = [body for body in bodies if "Condition: WatchesConcurrency" not in body]
        return sum(body.count("MetricStat:") or 1 for body in bodies)

    def proxy_share(self) -> float:
        """Returns the share of the database's connections that RDS Proxy may open."""
        return find_number(r"MaxConnectionsPercent: (\d+)", self.text) / 100

    def concurrency(self) -> "dict[str, dict[str, int]]":
        """Returns the reserved concurrency of each function in each stage."""
        row = r"^    (\w+): \{" + ", ".join(rf"{stage}: (\d+)" for stage in STAGES) + r"\}"
        found = re.findall(row, self.text, re.MULTILINE)
        rows = {name: dict(zip(STAGES, map(int, numbers))) for name, *numbers in found}
        return {name: rows[pascal_case(name)] for name in self.memory()}


def read() -> Template:
    """Reads the template and the configuration of this repository."""
    config = tomllib.loads((settings.ROOT / "samconfig.toml").read_text())
    return Template((settings.ROOT / "infra" / "template.yaml").read_text(), config)


def find(pattern: str, text: str) -> str:
    """Returns the first group of the first match; an empty text if there is none."""
    found: Optional[re.Match] = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else ""


def find_number(pattern: str, text: str) -> int:
    """Returns the number in the first group of the first match; 0 if there is none."""
    return int(find(pattern, text) or 0)


def pascal_case(name: str) -> str:
    """Returns a function's name as the template spells it: `upload-url` becomes `UploadUrl`."""
    return "".join(word.capitalize() for word in name.split("-"))
