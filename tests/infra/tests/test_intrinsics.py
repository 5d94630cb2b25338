"""CloudFormation's functions are computed; what only AWS knows stays a symbol."""

import unittest

from infra.intrinsics import Scope, holds, resolve

SCOPE = Scope({"Stage": "prod", "Topic": ""}, {
    "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, "HasTopic": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Topic"}, ""]}]},
}, {"Most": {"Auth": {"dev": 1, "prod": 20}}})
NO_VALUE = {"Ref": "AWS::NoValue"}


class IntrinsicsTest(unittest.TestCase):
    def test_conditions_are_computed(self):
        self.assertTrue(holds("IsProd", SCOPE))
        self.assertTrue(holds({"Fn::Or": [{"Condition": "HasTopic"}, {"Condition": "IsProd"}]}, SCOPE))
        self.assertFalse(holds({"Fn::And": [{"Condition": "HasTopic"}, {"Condition": "IsProd"}]}, SCOPE))

    def test_functions_are_computed(self):
        for value, expected in (
                ({"Ref": "Stage"}, "prod"),
                ({"Fn::FindInMap": ["Most", "Auth", {"Ref": "Stage"}]}, 20),
                ({"Fn::Sub": "${Stage}/${Bucket.Arn}/*"}, "prod/${Bucket.Arn}/*"),
                ({"Fn::Sub": ["${Id}", {"Id": {"Fn::GetAtt": ["Proxy", "Arn"]}}]}, "${Proxy.Arn}"),
                ({"Fn::Sub": ["${__ApiId__}/*", {"__ApiId__": {"Ref": "Api"}}]}, "${Api}/*"),
                ({"Fn::Join": ["", {"Fn::Split": ["-", "eu-west-1"]}]}, "euwest1"),
                ({"Fn::Select": [1, {"Fn::Split": [":", "a:b"]}]}, "b"),
                ({"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}, "${AWS::StackId}[2]"),
                ({"a": [{"Fn::If": ["HasTopic", 1, NO_VALUE]}, 2], "b": NO_VALUE}, {"a": [2]})):
            with self.subTest(value):
                self.assertEqual(resolve(value, SCOPE), expected)


if __name__ == "__main__":
    unittest.main()
