"""Tests of dev.fuzz."""

import unittest

from dev import fuzz
from dev.report import UserError


class Fuzz(unittest.TestCase):
    def test_an_argument_is_a_number_of_seconds_or_a_document(self) -> None:
        with self.assertRaisesRegex(UserError, "nowhere.pdf is no file"):
            fuzz.fuzz("nowhere.pdf")

    def test_the_compiler_names_this_machine(self) -> None:
        self.assertRegex(fuzz.host_triple(), r"^\w+-\w+-linux-gnu$")
