"""The local stack: what `./dev up` starts, in order, and how it stops."""

import time
from pathlib import Path

from dev import (datadir, functions, identities, machine, minio, page, ports, postgres, runner, rust,
                 settings, sqs, tools)
from dev.crashes import CrashReporter
from dev.guard import Stopped
from dev.ports import Ports
from dev.processes import Service, Services
from dev.report import UserError, duration, say, tail


def up() -> int:
    """Starts the stack and keeps it running until a signal arrives. Its data is kept."""
    began, folder, chosen = time.monotonic(), settings.data_folder(), ports.from_environment()
    machine.check()
    lock = datadir.claim(folder)
    ports.check_free(chosen)
    tools.install()
    programs = functions.link_programs(rust.programs(), folder)
    page_folder = page.build()
    with Services() as services:
        try:
            values = start(services, folder, chosen, programs, page_folder)
            datadir.write_settings(folder, values)
            announce(values, folder, time.monotonic() - began)
            services.watch(CrashReporter(folder / "logs" / "functions.log").report)
        except Stopped as stopped:
            say("\nstopping ...")
            if not (folder / "settings.json").exists():
                raise stopped
        finally:
            datadir.write_settings(folder, None)
    lock.close()
    say(f"stopped; the data is kept in {folder}")
    return 0


def start(services: Services, folder: Path, chosen: Ports, programs: Path, page_folder: Path) -> dict:
    """Starts all services, waits until each is ready, and returns the stack's settings."""
    secrets = datadir.load_secrets(folder, *identities.secret_names().values())
    start_services(services, folder, chosen, secrets)
    values = functions.base_settings(folder, chosen, secrets)
    env = runner.environment(chosen, values, secrets["webhook_token"], page_folder)
    values.update(runner.provision(programs / "local", env))
    passwords = {name: secrets[secret] for name, secret in identities.secret_names().items()}
    identities.provision(values["S3_ENDPOINT"], (minio.USER, secrets["s3_password"]), functions.BUCKET, passwords)
    credentials = identities.write_credentials(folder, passwords)
    watch = functions.start(services, folder, chosen, values, programs, credentials)
    services.wait(watch, lambda: functions.is_listening(chosen))
    migrate(values, watch)
    runner.start(services, folder, programs / "local", env)
    services.wait(watch, lambda: functions.is_healthy(values), 90)
    return values


def migrate(values: dict, watch: Service) -> None:
    """Applies migrations.

    If that fails, the UserError quotes the functions' log, which usually has the cause.
    """
    say("  applying migrations")
    try:
        answer = functions.invoke(values, "migrate", {"migrate": "up"})
    except UserError as error:
        raise UserError(f"{error}. See the functions' log, {watch.log}:{tail(watch.log)}")
    if warning := isinstance(answer, dict) and answer.get("warning"):
        say(f"  warning: {warning}")


def start_services(services: Services, folder: Path, chosen: Ports, secrets: dict) -> None:
    """Starts the database, the object store and the queue in parallel, and waits until all are ready."""
    say("Services")
    database = postgres.start(services, folder, chosen.postgres, {})
    store = minio.start(services, folder, chosen, secrets["s3_password"], secrets["webhook_token"])
    queue = sqs.start(services, folder, chosen)
    services.wait(database, lambda: postgres.is_ready(folder, chosen.postgres))
    postgres.create_database(folder, chosen.postgres)
    services.wait(store, lambda: minio.is_ready(chosen))
    services.wait(queue, lambda: sqs.is_ready(chosen))


def announce(values: dict, folder: Path, seconds: float) -> None:
    """Prints the address of the stack and the next steps."""
    say(f"""
ready in {duration(seconds)}: {values['API_URL']}   (logs in {folder / 'logs'}; Ctrl-C stops everything)

    the page: {values['WEB_ORIGIN'].partition(',')[0]}

    curl {values['API_URL']}/api/health
    ./dev admin you@example.com      creates an administrator
    ./dev env                        prints all settings; README.md walks through one upload

Mails go to {settings.value('SMTP_HOST') or values['MAIL_FOLDER']}.""")
