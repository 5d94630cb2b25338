"""Prints every broken rule of the template. The exit code is 1 if there is one."""

import sys

from infra import rules, stack
from infra.repository import Repository


def main() -> int:
    """Checks every rule in every case, and prints each message once."""
    repository, template = Repository(), stack.read_template()
    stacks = {name: stack.build(template, parameters) for name, parameters in stack.CASES.items()}
    broken: dict[str, list[str]] = {}
    for rule in rules.RULES:
        for name, built in stacks.items():
            for message in rule(built, repository):
                broken.setdefault(f"{rule.__name__}: {message}", []).append(name)
    for message, cases in broken.items():
        print(f"  {message} ({', '.join(cases)})")
    print(f"{len(rules.RULES)} rules, {len(broken)} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
