"""Each rule has mutants, and each of them breaks its rule."""

import copy
import unittest
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import Iterable, Iterator

from infra import rules, stack
from infra.repository import Repository
from infra.rule import Rule
from infra.stack import Stack
from infra.tests.change import Change
from infra.tests.mutants import MUTANTS

REPOSITORY, TEMPLATE = Repository(), stack.read_template()
STACKS = [stack.build(TEMPLATE, parameters) for parameters in stack.CASES.values()]
CHANGES = [(rule, title, change) for rule, mutants in MUTANTS.items() for title, change in mutants.items()]


def find_breaches(rule: Rule, stacks: Iterable[Stack]) -> Iterator[str]:
    """Lists the breaches of a rule in all stacks."""
    for built in stacks:
        yield from rule(built, REPOSITORY)


def build_mutants(change: Change) -> Iterator[Stack]:
    """Builds the changed template in all cases."""
    mutant = copy.deepcopy(TEMPLATE)
    change(mutant)
    return (stack.build(mutant, parameters) for parameters in stack.CASES.values())


@cache
def find_known(rule: Rule) -> set[str]:
    """Finds the breaches of a rule in the template as it is."""
    return set(find_breaches(rule, STACKS))


def is_noticed(number: int) -> bool:
    """Returns whether a change breaks its rule. Another process can be given a number, but not a change."""
    rule, _, change = CHANGES[number]
    return any(breach not in find_known(rule) for breach in find_breaches(rule, build_mutants(change)))


class MutantsTest(unittest.TestCase):
    def test_each_rule_has_a_mutant(self):
        self.assertEqual([rule.__name__ for rule in rules.RULES if not MUTANTS.get(rule)], [])

    def test_each_mutant_breaks_its_rule(self):
        with ProcessPoolExecutor() as processes:
            noticed = [processes.submit(is_noticed, number) for number in range(len(CHANGES))]
            for (rule, title, _), answer in zip(CHANGES, noticed):
                with self.subTest(rule=rule.__name__, mutant=title):
                    self.assertTrue(answer.result(), "the rule does not notice it")


if __name__ == "__main__":
    unittest.main()
