"""The template is transformed as SAM does it."""

import unittest
from unittest import mock

from infra import stack


class StackTest(unittest.TestCase):
    def test_the_transformation_without_copies_gives_the_same(self):
        template = stack.read_template()
        for name, parameters in stack.CASES.items():
            with self.subTest(name):
                built = stack.build(template, parameters)
                with mock.patch.object(stack, "transform", stack.transform_with_copies):
                    self.assertEqual(built, stack.build(template, parameters))


if __name__ == "__main__":
    unittest.main()
