"""What the rest of the repository says: routes, functions, their rights, limits and variables."""

import json
import re
import tomllib
from functools import cached_property
from pathlib import Path

from dev import events
from infra import rust

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("dev", "staging", "prod")
METHODS = {"get", "head", "post", "put", "patch", "delete"}
# Pages that tell about the routes of the API.
PAGES = ("README.md", "docs/API.md", "docs/ARCHITECTURE.md", "docs/DEPLOY.md", "docs/OPERATIONS.md",
         "docs/STORES.md")
# An entry of the runbook's section about alarms.
ENTRY = re.compile(r"^### (.+)$", re.MULTILINE)
PATH = re.compile(r"(?<!tests)(/api/(?:[A-Za-z0-9/_-]|\{id\}|\$\w+|\.json\b)+)")
LIMIT = re.compile(r"^pub const (\w+): \w+ = (?:Duration::from_(secs|mins|hours)\()?([\d_]+)\)?;", re.MULTILINE)
# A header of the page in the source of the local gateway, and its content security policy.
HEADER = re.compile(r'\((?:header::|HeaderName::from_static\(")([\w-]+)(?:"\))?, "([^"]+)"\),')
POLICY = re.compile(r'let policy = format!\(\s*"([^"]+)"')
SECONDS = {"secs": 1, "mins": 60, "hours": 3600, "": 1}


class Repository:
    """The checked-out repository."""

    @cached_property
    def functions(self) -> set[str]:
        """The names of the functions on disk."""
        return {path.parent.name for path in (ROOT / "functions").glob("*/Cargo.toml")}

    @cached_property
    def routes(self) -> set[tuple[str, str, str]]:
        """The method, path and function of each route in the router table."""
        manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
        table = manifest["workspace"]["metadata"]["lambda"]["watch"]["router"]
        return {(route["method"], path, route["function"]) for path, routes in table.items() for route in routes}

    @cached_property
    def reference(self) -> set[tuple[str, str]]:
        """The method and path of each operation in the reference of the API."""
        paths = json.loads((ROOT / "infra" / "openapi.json").read_text())["paths"]
        return {(method.upper(), path) for path, operations in paths.items()
                for method in METHODS & operations.keys()}

    @cached_property
    def documented_paths(self) -> dict[str, str]:
        """The paths of the API that pages mention, with one page for each."""
        return {re.sub(r"\$\w+", "{id}", path).rstrip("/-"): page for page in PAGES if (ROOT / page).exists()
                for path in PATH.findall((ROOT / page).read_text())}

    @cached_property
    def limits(self) -> dict[str, int]:
        """The constants in src/limits.rs: counts, and times in seconds."""
        text = (ROOT / "src" / "limits.rs").read_text()
        return {name: int(number) * SECONDS[unit] for name, unit, number in LIMIT.findall(text)}

    @cached_property
    def overrides(self) -> dict[str, dict[str, str]]:
        """The parameters that samconfig.toml sets for each stage."""
        config = tomllib.loads((ROOT / "samconfig.toml").read_text())
        return {stage: dict(text.split("=", 1) for text in config[stage]["deploy"]["parameters"]["parameter_overrides"])
                for stage in STAGES}

    @cached_property
    def variables(self) -> dict[str, rust.Variables]:
        """The environment variables that each function reads."""
        return {function: rust.find_variables(ROOT, function) for function in self.functions}

    @cached_property
    def documented_parameters(self) -> set[str]:
        """The parameters of the template that docs/DEPLOY.md lists."""
        table = (ROOT / "docs" / "DEPLOY.md").read_text().partition("| parameter |")[2].partition("\n\n")[0]
        return {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.partition(" | ")[0])}

    @cached_property
    def metrics(self) -> dict[str, set[str]]:
        """The metrics that the functions write, each with its dimensions."""
        found: dict[str, set[str]] = {}
        for metric in events.list_metrics():
            found.setdefault(metric.name, set()).update({metric.dimension} - {""})
        return found

    @cached_property
    def log_messages(self) -> set[str]:
        """The messages of the log's events."""
        return {event.message for event in events.read_page((ROOT / events.PAGE).read_text())}

    @cached_property
    def alarm_entries(self) -> set[str]:
        """The anchors of the entries in docs/OPERATIONS.md that explain alarms."""
        section = (ROOT / "docs" / "OPERATIONS.md").read_text().partition("\n## Alarms\n")[2].partition("\n## ")[0]
        return {re.sub(r"[^a-z0-9 -]", "", entry.lower()).replace(" ", "-") for entry in ENTRY.findall(section)}

    @cached_property
    def page_headers(self) -> dict[str, str]:
        """The headers of the page at the local gateway. `{store}` is the address of the store."""
        text = (ROOT / "tools" / "local" / "src" / "gateway" / "page.rs").read_text()
        found = {name.lower().replace("_", "-"): value for name, value in HEADER.findall(text)}
        policy = re.sub(r"\\\n *", "", POLICY.search(text)[1])
        return {**found, "content-security-policy": policy}

    def policy(self, function: str) -> list[dict]:
        """Returns the statements in a function's policy.json."""
        path = ROOT / "functions" / function / "policy.json"
        return json.loads(path.read_text())["Statement"] if path.exists() else []

    def missing_files(self, function: str) -> list[str]:
        """Lists the files of a function that do not exist: its recorded event, and its tests."""
        paths = [f"events/{function}.json", f"tests/api/{function.replace('-', '_')}.rs"]
        return [path for path in paths if not (ROOT / path).exists()]
