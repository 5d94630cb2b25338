"""Each function gets its own credentials at the object store, and only those."""

import os
import signal
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from dev import datadir, functions, identities
from dev.crashes import CrashReporter
from dev.report import UserError


class Policies(unittest.TestCase):
    def test_a_policy_has_only_statements_about_the_store_and_names_the_bucket(self):
        policy = identities.policy("confirm", "vault")
        actions = [action for statement in policy["Statement"] for action in statement["Action"]]
        self.assertTrue(actions)
        self.assertTrue(all(action.startswith("s3:") for action in actions), actions)
        self.assertNotIn("$", str(policy))
        self.assertIn("arn:aws:s3:::vault/*", str(policy))

    def test_only_functions_have_policies(self):
        self.assertLess(set(identities.functions_with_policy()), set(functions.names()))


class Credentials(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_function_starts_with_its_own_credentials_or_with_none(self):
        own = identities.write_credentials(self.folder, {"confirm": "a-secret"})
        self.assertEqual(stat.S_IMODE((own / "confirm").stat().st_mode), 0o600)
        for name, expected in (("confirm", "confirm:a-secret: sandbox\n"), ("quota", ":: sandbox\n")):
            self.assertEqual(self.start_function(name, own), expected)

    def test_a_function_that_lost_its_policy_has_no_credentials(self):
        identities.write_credentials(self.folder, {"confirm": "a-secret", "quota": "another"})
        own = identities.write_credentials(self.folder, {"confirm": "a-secret"})
        self.assertEqual([file.name for file in own.iterdir()], ["confirm"])

    def test_a_sandbox_that_ends_is_restarted_and_the_crash_is_logged(self):
        for end, code in (("exit 0", 0), ("exit 1", 1), ("kill -TERM $$", 143), ("kill -KILL $$", 137)):
            printed = self.start_function("quota", self.folder, f"[ -f {self.folder}/twice ] || {{ touch {self.folder}/twice; {end}; }}")
            (self.folder / "twice").unlink()
            first, crash, second = printed.splitlines()
            self.assertEqual(first, second)
            (self.folder / "log").write_text(crash + "\n")
            with patch("dev.crashes.say") as say:
                CrashReporter(self.folder / "log").report()
            self.assertIn(f"a process of quota died (its sandbox ended with {code})", say.call_args[0][0])

    def test_a_store_that_does_not_answer_is_an_error(self):
        late = subprocess.TimeoutExpired("python", 60)
        with patch("subprocess.run", side_effect=late), self.assertRaisesRegex(UserError, "did not answer within 60 s"):
            identities.provision("http://127.0.0.1:1", ("root", "all"), "vault", {})

    def test_with_reload_the_sandbox_runs_cargo(self):
        own = identities.write_credentials(self.folder, {"confirm": "a-secret"})
        with patch.dict(os.environ, {"RELOAD": "on"}):
            printed = self.start_function("confirm", own)
        self.assertRegex(printed, r"^confirm:a-secret: sandbox \S*cargo run --release --bin confirm\n$")

    def start_function(self, name: str, own: Path, ending: str = "") -> str:
        """Starts a function as the emulator does, with the store's root credentials. Returns its output."""
        sandbox = self.folder / "local"
        sandbox.write_text('#!/bin/sh\necho "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY:$AWS_SESSION_TOKEN $@"\n'
                           # Ends `bin/cargo`, which started it and would restart it.
                           f"{ending}\nkill -TERM $PPID; exec sleep 60\n")
        sandbox.chmod(0o755)
        root = {**os.environ, "AWS_ACCESS_KEY_ID": "root", "AWS_SECRET_ACCESS_KEY": "all", "AWS_SESSION_TOKEN": "t"}
        env = {**functions.sandbox_environment(self.folder, own, root), "AWS_LAMBDA_FUNCTION_NAME": name}
        command = [env["CARGO"], "run", "--release", "--bin", name]
        # Another test may have made this process ignore SIGTERM. A shell cannot trap an ignored signal.
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30,
                              preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL)).stdout

    def test_secrets_are_kept_and_missing_ones_are_generated(self):
        first = datadir.load_secrets(self.folder, "s3_password_confirm")
        second = datadir.load_secrets(self.folder, "s3_password_confirm", "s3_password_delete")
        self.assertEqual({**second, **first}, second)
        self.assertEqual(len(second) - len(first), 1)


if __name__ == "__main__":
    unittest.main()
