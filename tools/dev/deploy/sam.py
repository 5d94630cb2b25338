"""SAM CLI, as an operator would use it: `sam build`, `sam deploy` and `sam delete`.

`sam build` does everything but compile (bin/cargo). `sam deploy` gets what `sam build` has written.
"""

import os
import shutil
import tomllib
from pathlib import Path

from dev import settings, template_tools, tools
from dev.deploy.emulator import ACCOUNT, REGION, Emulator
from dev.processes import run_to_log
from dev.report import UserError, tail

CONFIG = settings.ROOT / "samconfig.toml"
STAGE = "dev"
# The folder of a `cargo` that does not compile.
CARGO = Path(__file__).parent / "bin"
# An empty value of a parameter. SAM reads one only in quotation marks.
EMPTY = '""'


def read_parameters() -> dict:
    """Returns the parameters of the stage dev in samconfig.toml."""
    given = tomllib.loads(CONFIG.read_text())[STAGE]["deploy"]["parameters"]["parameter_overrides"]
    return dict(parameter.split("=", 1) for parameter in given)


class Sam:
    """SAM CLI for one stack."""

    def __init__(self, emulator: Emulator, folder: Path, logs: Path, parameters: dict) -> None:
        self.logs, self.folder, self.built = logs, folder, folder / "built"
        self.parameters = {**read_parameters(), **parameters}
        self.env = {**os.environ, **ACCOUNT, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": emulator.url,
                    "AWS_CA_BUNDLE": str(emulator.authority), "SAM_CLI_TELEMETRY": "0",
                    # SAM's own settings. Without it they would be in the user's home.
                    "__SAM_CLI_APP_DIR": str(folder / "sam")}

    def build(self, programs: Path) -> None:
        """Builds the functions of infra/template.yaml from programs of this machine."""
        path = [CARGO, tools.cargo_lambda().parent, os.environ["PATH"]]
        env = {"PATH": os.pathsep.join(map(str, path)), "DOCUVAULT_CARGO": shutil.which("cargo") or "cargo",
               "DOCUVAULT_PROGRAMS": str(programs), "CARGO_TARGET_DIR": str(self.folder / "target")}
        if build(self.built, self.log("build"), {**self.env, **env}):
            raise UserError(f"sam build failed.{tail(self.log('build'), 40)}")

    def deploy(self, **changed: str) -> bool:
        """Creates or updates the stack, with other values for parameters. Returns whether it went well."""
        self.parameters.update(changed)
        overrides = [f"{name}={value or EMPTY}" for name, value in self.parameters.items()]
        return self.run("deploy", "--template-file", self.built / "template.yaml", "--parameter-overrides", *overrides) == 0

    def require_deployment(self, **changed: str) -> None:
        """Creates or updates the stack. Raises a UserError if that fails."""
        if not self.deploy(**changed):
            raise UserError(f"sam deploy failed.{tail(self.log('deploy'), 40)}")

    def delete(self, stack: str) -> None:
        """Deletes the stack."""
        if self.run("delete", "--no-prompts", "--stack-name", stack, "--region", REGION):
            raise UserError(f"sam delete failed.{tail(self.log('delete'), 40)}")

    def run(self, command: str, *arguments: object) -> int:
        """Runs a command of SAM CLI with the settings in samconfig.toml, and returns its exit code."""
        whole = [template_tools.sam() / "sam", command, "--config-file", CONFIG, "--config-env", STAGE, *arguments]
        return run_to_log(f"sam {command}", whole, self.log(command), self.env)

    def log(self, command: str) -> Path:
        """Returns the path of the log of a command."""
        return self.logs / f"sam-{command}.log"


def build(built: Path, log: Path, env: dict) -> int:
    """Runs `sam build`, which writes into the folder `built`. Returns its exit code."""
    template = settings.ROOT / "infra" / "template.yaml"
    command = [template_tools.sam() / "sam", "build", "--parallel", "--no-cached", "--template-file", template, "--build-dir", built]
    return run_to_log("sam build", command, log, env)
