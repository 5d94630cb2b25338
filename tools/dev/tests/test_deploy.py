"""The parts of `./dev check --deploy` that need no emulator."""

import os
import subprocess
import tempfile
import unittest
from hashlib import sha384
from pathlib import Path
from unittest.mock import patch

from dev import settings
from dev.deploy import changes, commands, emulator, rights, routes, runbook, sam, upload
from dev.deploy.place import Place
from dev.report import UserError


class Account(unittest.TestCase):
    def test_nothing_of_the_users_aws_account_stays_in_the_environment(self):
        with patch.dict(os.environ, {"AWS_PROFILE": "prod", "AWS_ACCESS_KEY_ID": "own", "AWS_ENDPOINT_URL": "https://own"}):
            emulator.forget_account()
            left = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        self.assertEqual(left, {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull})

    def test_functions_inherit_no_setting_of_the_vault(self):
        with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, {"S3_BUCKET": "own", "JWT_SECRET": "own"}):
            env = emulator.build_environment(Path(folder), 4566)
        self.assertNotIn("own", env.values())
        self.assertEqual((env["AUTH"], env["BIND_HOST"]), ("true", "127.0.0.1"))


class Parameters(unittest.TestCase):
    def test_parameters_are_those_of_the_stage_dev(self):
        self.assertEqual(sam.read_parameters()["Stage"], "dev")


class Commands(unittest.TestCase):
    def test_the_blocks_that_are_tried_exist_once(self):
        tried = {runbook.PAGE: (runbook.HELPERS, runbook.SWITCH, runbook.STOP, runbook.CLOSE, runbook.START),
                 upload.PAGE: (upload.OUTPUT, upload.SYNC, upload.REMOVE)}
        for page, texts in tried.items():
            for text in texts:
                self.assertIn(text, commands.find_block(page, text))
        with self.assertRaisesRegex(UserError, "has 0 blocks of commands with `nothing`"):
            commands.find_block(runbook.PAGE, "nothing")

    def test_bash_can_read_all_blocks(self):
        blocks = [block for page in (runbook.PAGE, upload.PAGE)
                  for block in commands.BLOCK.findall((settings.ROOT / page).read_text())]
        self.assertGreater(len(blocks), 40)
        for block in blocks:
            done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), block)


class Rights(unittest.TestCase):
    DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Sid": "Put"}, {"Sid": "Get"}]}

    def test_a_mutant_lacks_one_statement(self):
        mutant = rights.Mutant("quota", "role", "policy", self.DOCUMENT, 0)
        self.assertEqual((mutant.sid, mutant.without()["Statement"]), ("Put", [{"Sid": "Get"}]))
        self.assertEqual(len(self.DOCUMENT["Statement"]), 2)

    def test_a_policy_without_statements_allows_nothing(self):
        mutant = rights.Mutant("quota", "role", "policy", {"Statement": [{"Sid": "Put"}]}, 0)
        self.assertEqual([one["Effect"] for one in mutant.without()["Statement"]], ["Deny"])

    def test_a_statement_that_is_not_needed_must_have_an_excuse(self):
        self.assertEqual(rights.judge({("quota", "Trace")}, {("quota", "ReadJwtSecret")}), [])
        (message,) = rights.judge({("quota", "ReadJwtSecret")}, set())
        self.assertIn("quota does its work without the statement ReadJwtSecret", message)

    def test_an_excuse_for_a_statement_that_is_needed_is_refused(self):
        (message,) = rights.judge(set(), {("quota", "Trace")})
        self.assertIn("Take it out of SURVIVORS", message)


class Recovery(unittest.TestCase):
    class Caller:
        """A user whose first requests are refused."""

        def __init__(self, refusals: int) -> None:
            self.refusals = refusals

        def expect(self, *_: object) -> None:
            """Refuses a request, or answers it."""
            self.refusals -= 1
            if self.refusals >= 0:
                raise RuntimeError("GET /api/auth/me/quota: 503")

    def test_a_function_may_take_some_time_to_recover(self):
        rights.require_recovery("quota", Place(None, self.Caller(1), None, patience=30))

    def test_a_function_that_stays_broken_is_an_error(self):
        with self.assertRaisesRegex(UserError, "quota has all its rights again, and cannot do its work: GET"):
            rights.require_recovery("quota", Place(None, self.Caller(9), None, patience=0))


class Routes(unittest.TestCase):
    def test_cors_settings_get_the_names_of_the_api(self):
        self.assertEqual(routes.to_cors({"allowOrigins": ["a"], "maxAge": 600}), {"AllowOrigins": ["a"], "MaxAge": 600})

    def test_an_integration_names_the_alias_of_a_function(self):
        alias = "arn:aws:lambda:eu-central-1:000000000000:function:quota:live"
        uri = f"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/{alias}/invocations"
        self.assertEqual(routes.ALIAS.search(uri)[1], alias)


class BrokenRelease(unittest.TestCase):
    def test_only_the_checksum_of_the_migration_changes(self):
        checksum = sha384(b"create").digest()
        spoilt = changes.spoil_checksum(b"before" + checksum + b"after", b"create")
        self.assertEqual((spoilt[:6], spoilt[-5:], len(spoilt)), (b"before", b"after", 6 + 48 + 5))
        self.assertNotIn(checksum, spoilt)

    def test_a_program_without_the_migration_is_refused(self):
        with self.assertRaises(UserError):
            changes.spoil_checksum(b"another program", b"create")
