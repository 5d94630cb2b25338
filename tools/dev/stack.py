"""The local stack: everything `./dev up` starts, in order, until it is told to stop."""

import time
from pathlib import Path

from dev import datadir, functions, identities, machine, minio, ports, postgres, runner, rust, settings, sqs, tools
from dev.deaths import Deaths
from dev.guard import Stopped
from dev.ports import Ports
from dev.processes import Service, Services
from dev.report import Problem, duration, say, tail


def up() -> int:
    """Starts the stack and stays until it is stopped; its data remains."""
    began, folder, chosen = time.monotonic(), settings.data(), ports.from_environment()
    machine.check()
    lock = datadir.claim(folder)
    ports.check_free(chosen)
    tools.install()
    programs = functions.kept(rust.programs(), folder)
    with Services() as services:
        try:
            values = start(services, folder, chosen, programs)
            datadir.write_settings(folder, values)
            announce(values, folder, time.monotonic() - began)
            services.watch(Deaths(folder / "logs" / "functions.log").tell)
        except Stopped as stopped:
            say("\nstopping ...")
            if not (folder / "settings.json").exists():
                raise stopped
        finally:
            datadir.write_settings(folder, None)
    lock.close()
    say("stopped; the data stays in " + str(folder))
    return 0


def start(services: Services, folder: Path, chosen: Ports, programs: Path) -> dict:
    """Starts all services and waits until each answers; returns the stack's settings."""
    secrets = datadir.load_secrets(folder, *identities.secret_names().values())
    start_neighbours(services, folder, chosen, secrets)
    values = functions.base_settings(folder, chosen, secrets)
    env = runner.environment(chosen, values, secrets["webhook_token"])
    values.update(runner.provision(programs / "local", env))
    own = {name: secrets[secret] for name, secret in identities.secret_names().items()}
    identities.provision(values["S3_ENDPOINT"], (minio.USER, secrets["s3_password"]), functions.BUCKET, own)
    watch = functions.start(services, folder, chosen, values, programs, identities.write(folder, own))
    services.wait(watch, lambda: functions.listening(chosen))
    migrate(values, watch)
    runner.start(services, folder, programs / "local", env)
    services.wait(watch, lambda: functions.healthy(values), 90)
    return values


def migrate(values: dict, watch: Service) -> None:
    """Applies migrations; where that fails, the functions' log tells most."""
    say("  applying migrations")
    try:
        answer = functions.invoke(values, "migrate", {"migrate": "up"}, 120)
    except Problem as problem:
        raise Problem(f"{problem}. The functions' log is {watch.log}:{tail(watch.log)}")
    if warning := isinstance(answer, dict) and answer.get("warning"):
        say(f"  warning: {warning}")


def start_neighbours(services: Services, folder: Path, chosen: Ports, secrets: dict) -> None:
    """Starts database, object store and queue side by side."""
    say("Services")
    database = postgres.start(services, folder, chosen.postgres, {})
    store = minio.start(services, folder, chosen, secrets["s3_password"], secrets["webhook_token"])
    queue = sqs.start(services, folder, chosen)
    services.wait(database, lambda: postgres.answers(folder, chosen.postgres))
    postgres.create_database(folder, chosen.postgres)
    services.wait(store, lambda: minio.answers(chosen))
    services.wait(queue, lambda: sqs.answers(chosen))


def announce(values: dict, folder: Path, seconds: float) -> None:
    """Says that the stack can be used, and how."""
    say(f"""
ready in {duration(seconds)}: {values['API_URL']}   (logs in {folder / 'logs'}; Ctrl-C stops everything)

    curl {values['API_URL']}/api/health
    ./dev admin you@example.com      makes an administrator
    ./dev env                        prints all settings; README.md tells the story of one upload""")
