"""The static checks of `./dev check`: everything that can be verified without running the vault."""

from dev import columns, events, fences, layers, migrations, page, rust, settings, tables, template, tools
from dev.processes import run
from dev.report import say


def run_all(options: list) -> list[str]:
    """Runs every check, even after one fails, and returns the names of those that failed."""
    failed = []
    for name, command, extra in list_commands(options):
        say(f"Check: {name}")
        if run(command, rust.environment(extra), settings.ROOT):
            failed.append(name)
    for name, own in (("fences", fences), ("layers", layers), ("events", events), ("columns", columns),
                      ("tables", tables), ("migrations", migrations)):
        say(f"Check: {name}")
        found = own.find_breaches()
        for line in found:
            say(f"  {line}")
        failed += [name] if found else []
    return failed + template.run_all()


def list_commands(options: list) -> list[tuple]:
    """Returns the checks that external tools make: name, command, extra environment variables."""
    deny = [tools.cargo_deny(), "--workspace"]
    what = ["bans", "licenses", "sources"] + (["advisories"] if "--advisories" in options else [])
    return [
        ("format", ["cargo", "fmt", "--all", "--check"], {}),
        ("lints", ["cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], {}),
        ("documentation", ["cargo", "doc", "--workspace", "--no-deps", "--document-private-items"],
         {"RUSTDOCFLAGS": "-Dwarnings"}),
        ("dependencies", [*deny, "check", *what], {}),
        *page.list_checks(),
    ]
