"""The rule about the runbook notices each kind of name that does not exist."""

import unittest

from infra import stack
from infra.repository import Repository
from infra.rules.runbook import list_unknown

KNOWN = """
    aws sqs purge-queue --queue-url "$(name SweepDeadLetters)"
    for F in $(names AWS::Lambda::Function); do echo "$F"; done
    search 3 "Auth Confirm" 'filter message = "the sweep has ended"'
    metric 7 ledger_drifts Sum
    for M in changed_objects audited_objects; do metric 7 "$M" Sum; done
"""


class RunbookTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.built = stack.build(stack.read_template(), stack.CASES["own database"])
        cls.repository = Repository()

    def find(self, commands: str) -> "list[str]":
        """Returns what the rule says about these commands."""
        return list(list_unknown(commands, self.built, self.repository))

    def test_names_that_exist_are_accepted(self):
        self.assertEqual(self.find(KNOWN), [])

    def test_each_unknown_name_is_found(self):
        for known, unknown in {"SweepDeadLetters": "SweptLetters", "Confirm": "Confirms", "the sweep has ended": "it has ended",
                               "ledger_drifts": "ledger_drift", "audited_objects": "audited_files"}.items():
            with self.subTest(unknown=unknown):
                self.assertIn(known, KNOWN)
                (breach,) = self.find(KNOWN.replace(known, unknown))
                self.assertIn(unknown, breach)

    def test_a_type_without_resources_is_found(self):
        (breach,) = self.find("$(names AWS::SNS::Topic)")
        self.assertIn("AWS::SNS::Topic", breach)


if __name__ == "__main__":
    unittest.main()
