"""Each rule has mutants, and each of them breaks its rule."""

import copy
import unittest
from typing import Iterable, Iterator

from infra import rules, stack
from infra.repository import Repository
from infra.rule import Rule
from infra.stack import Stack
from infra.tests.change import Change
from infra.tests.mutants import MUTANTS

REPOSITORY, TEMPLATE = Repository(), stack.read_template()
STACKS = [stack.build(TEMPLATE, parameters) for parameters in stack.CASES.values()]


def find_breaches(rule: Rule, stacks: Iterable[Stack]) -> Iterator[str]:
    """Lists the breaches of a rule in all stacks."""
    for built in stacks:
        yield from rule(built, REPOSITORY)


def build_mutants(change: Change) -> Iterator[Stack]:
    """Builds the changed template in all cases."""
    mutant = copy.deepcopy(TEMPLATE)
    change(mutant)
    return (stack.build(mutant, parameters) for parameters in stack.CASES.values())


class MutantsTest(unittest.TestCase):
    def test_each_rule_has_a_mutant(self):
        self.assertEqual([rule.__name__ for rule in rules.RULES if not MUTANTS.get(rule)], [])

    def test_each_mutant_breaks_its_rule(self):
        for rule, mutants in MUTANTS.items():
            known = set(find_breaches(rule, STACKS))
            for title, change in mutants.items():
                with self.subTest(rule=rule.__name__, mutant=title):
                    breaches = find_breaches(rule, build_mutants(change))
                    self.assertTrue(any(breach not in known for breach in breaches), "the rule does not notice it")


if __name__ == "__main__":
    unittest.main()
