"""The run of `./dev check --deploy`."""

import json
import shutil
import time
from pathlib import Path

from dev import (deploy_tools, machine, page, ports, postgres, processes, rust, settings, smoke, suite,
                 template_tools, tools)
from dev.deploy import changes, emulator, keys, rights, routes, runbook, upload
from dev.deploy.caller import Caller
from dev.deploy.emulator import Emulator
from dev.deploy.place import Place, Unexpected
from dev.deploy.sam import Sam, read_parameters
from dev.deploy.stack import Stack
from dev.deploy.steps import step
from dev.deploy.work import do
from dev.processes import Services
from dev.report import UserError, duration, say, tail

# A provider at this address never answers.
NOBODY = "https://localhost:1"
TESTS = ["cargo", "test", "--workspace", "--test", "watch"]

# So many lines of a function's log are shown if it cannot do its work.
LAST_LINES = 12


def run() -> int:
    """Deploys the vault to an emulator, tests, updates, rolls back and deletes it. Returns the exit code."""
    programs, logs = prepare(), settings.data_folder() / "deploy"
    shutil.rmtree(logs, ignore_errors=True)
    began = time.monotonic()
    say("Deployment to an emulator of AWS (docs/DEPLOY.md says what this shows, and what it does not)")
    with suite.scratch_folder() as folder, Services() as services:
        try:
            Check(services, folder, logs).run(programs)
        except (UserError, RuntimeError, Unexpected) as error:
            raise UserError(f"{error}\nThe logs are in {logs}. The emulator's ends with:{tail(logs / 'emulator.log', 25)}")
    say(f"deployed, tested, updated, rolled back and deleted in {duration(time.monotonic() - began)}")
    return 0


def prepare() -> Path:
    """Installs and builds what is missing, and returns the folder of the programs."""
    machine.check()
    template_tools.sam()
    deploy_tools.emulator()
    deploy_tools.aws_cli()
    tools.api_tools()
    page.build()
    programs = rust.programs()
    # Later the tests trust the emulator only, so that cargo could download nothing.
    if processes.run([*TESTS, "--no-run"], rust.environment(), settings.ROOT):
        raise UserError("The tests do not build. See cargo's output above.")
    emulator.forget_account()
    return programs


class Check:
    """One run, on its own services."""

    def __init__(self, services: Services, folder: Path, logs: Path) -> None:
        self.services, self.folder, self.logs = services, folder, logs
        self.ports = ports.choose_free()

    def run(self, programs: Path) -> None:
        """Runs all steps."""
        with step("Postgres and the emulator started"):
            self.emulator = self.start()
        sam = Sam(self.emulator, self.folder, self.logs, self.parameters())
        with step("sam build, with programs for this machine"):
            sam.build(programs)
        with step("sam deploy created the stack") as more:
            sam.require_deployment()
            self.stack = Stack(self.emulator)
            more.append(f"{len(self.stack.ids)} resources")
        with step("routes and CORS created, which the emulator leaves out") as more:
            more.append(f"{routes.create(self.stack)} routes")
        with step("punctuation removed from the generated key, which the emulator does not exclude"):
            keys.remove_punctuation(self.stack)
        with step("smoke test passed"):
            self.smoke()
        with step("the page uploaded by the commands of docs/DEPLOY.md") as more:
            more.append(upload.upload(self.stack))
        with step("black-box tests passed") as more:
            more.append(self.run_tests())
        place = Place(self.stack, Caller(self.stack), self.sql)
        self.take_rights(place)
        self.change(sam, place)

    def take_rights(self, place: Place) -> None:
        """Proves that functions need their rights."""
        rights.allow_batches(self.stack)
        with step("each function did its work with its own rights"):
            for function in self.stack.functions:
                if difference := do(function, place):
                    lines = "\n".join(self.stack.lines(function)[-LAST_LINES:])
                    raise UserError(f"{function} cannot do its work: {difference}\nIts log ends with:\n{lines}")
        with step("no function did its work without one of its rights") as more:
            more.append(rights.prove(place))

    def change(self, sam: Sam, place: Place) -> None:
        """Stops and starts, updates, rolls back and deletes the stack."""
        with step("the kill switch of docs/OPERATIONS.md stopped and started the stack") as more:
            more.append(runbook.stop_and_start(place, self.folder))
        with step("sam deploy changed the functions' environment") as more:
            more.append(changes.update(sam, place))
        with step("sam deploy failed and was rolled back") as more:
            more.append(changes.fail_migration(sam, place))
        with step("sam delete left what has state") as more:
            more.append(changes.delete(sam, place))

    def smoke(self) -> None:
        """Asks the API whether it works. Raises a UserError if it does not."""
        api = smoke.Api(self.stack.api, self.emulator.trust())
        if failures := list(smoke.find_failures(api, read_parameters()["WebOrigin"])):
            raise UserError("\n".join(failures))

    def run_tests(self) -> str:
        """Runs those tests of tests/watch that need nothing but the API, and returns their result."""
        folder, log = self.folder / "tests", self.logs / "tests.log"
        folder.mkdir()
        app, migrate = (f"{self.database(role)}?sslmode=disable" for role in ("docuvault_app", "docuvault_migrate"))
        deployed = {"API_URL": self.stack.api, "DATABASE_URL": app, "DATABASE_MIGRATE_URL": migrate}
        trust = dict.fromkeys(("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"), str(self.emulator.authority))
        env = rust.environment({**trust, "TEST_DEPLOYED_STACK": json.dumps(deployed), "TEST_DEPLOYED_FOLDER": str(folder),
                                "TEST_API_TOOLS": str(tools.api_tools())})
        code = processes.run_to_log("the tests", TESTS, log, env)
        result = next((line for line in log.read_text().splitlines() if line.startswith("test result:")), "")
        if code:
            raise UserError(f"The tests failed.{tail(log, 40)}")
        return result.removeprefix("test result: ok. ").partition(";")[0]

    def start(self) -> Emulator:
        """Starts the database and the emulator."""
        database = postgres.start(self.services, self.folder, self.ports.postgres, postgres.TEST_FLAGS)
        started = emulator.start(self.services, self.folder, self.logs, self.ports.functions)
        self.services.wait(database, lambda: postgres.is_ready(self.folder, self.ports.postgres))
        postgres.create_database(self.folder, self.ports.postgres)
        self.services.wait(started.service, started.is_ready)
        return started

    def database(self, role: str) -> str:
        """Returns the database's URL for a role, as a parameter of the template."""
        return f"postgres://{role}@127.0.0.1:{self.ports.postgres}/{postgres.DATABASE}"

    def parameters(self) -> dict:
        """Returns the parameters that differ from those of samconfig.toml."""
        return {"DatabaseUrl": self.database("docuvault_app"), "DatabaseMigrateUrl": self.database("docuvault_migrate"),
                "DatabaseAuth": "password", "DatabaseTls": "disable", "Endpoint": self.emulator.url, "OllamaUrl": NOBODY,
                # Nothing but this machine is asked, and all tests have the same address.
                "BreachesUrl": "", "AddressLimitFactor": "1000"}

    def sql(self, statement: str) -> str:
        """Runs a statement as the superuser, and returns what it selects."""
        done = postgres.psql(self.folder, self.ports.postgres, "--dbname", postgres.DATABASE, "--tuples-only", "--no-align",
                             "--command", statement)
        postgres.require_success(done)
        return done.stdout.strip()
