"""For each rule, the changes that break it."""

from infra.rule import Rule
from infra.tests.change import Change
from infra.tests.mutants import access, alarms, functions, messages, page, service, storage

MUTANTS: dict[Rule, dict[str, Change]] = {
    **access.MUTANTS, **alarms.MUTANTS, **functions.MUTANTS, **messages.MUTANTS, **page.MUTANTS,
    **service.MUTANTS, **storage.MUTANTS}
