import os
import signal
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from dev import datadir, functions, identities
from dev.deaths import Deaths
from dev.report import Problem


class Policies(unittest.TestCase):
    def test_the_store_is_given_its_own_statements_with_the_bucket_in_them(self):
        policy = identities.policy("confirm", "vault")
        actions = [action for statement in policy["Statement"] for action in statement["Action"]]
        self.assertTrue(actions)
        self.assertTrue(all(action.startswith("s3:") for action in actions), actions)
        self.assertNotIn("$", str(policy))
        self.assertIn("arn:aws:s3:::vault/*", str(policy))

    def test_a_policy_is_a_functions(self):
        self.assertLess(set(identities.functions()), set(functions.names()))


class Credentials(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_function_is_started_with_its_own_and_with_none_where_it_has_none(self):
        own = identities.write(self.folder, {"confirm": "a-secret"})
        self.assertEqual(stat.S_IMODE((own / "confirm").stat().st_mode), 0o600)
        for name, expected in (("confirm", "confirm:a-secret: sandbox\n"), ("quota", ":: sandbox\n")):
            self.assertEqual(self.started(name, own), expected)

    def test_a_function_that_has_lost_its_policy_has_no_credentials(self):
        identities.write(self.folder, {"confirm": "a-secret", "quota": "another"})
        own = identities.write(self.folder, {"confirm": "a-secret"})
        self.assertEqual([file.name for file in own.iterdir()], ["confirm"])

    def test_a_sandbox_that_ends_in_any_way_is_started_again_and_that_is_told(self):
        for end, code in (("exit 0", 0), ("exit 1", 1), ("kill -TERM $$", 143), ("kill -KILL $$", 137)):
            said = self.started("quota", self.folder, f"[ -f {self.folder}/twice ] || {{ touch {self.folder}/twice; {end}; }}")
            (self.folder / "twice").unlink()
            first, death, second = said.splitlines()
            self.assertEqual(first, second)
            (self.folder / "log").write_text(death + "\n")
            with patch("dev.deaths.say") as say:
                Deaths(self.folder / "log").tell()
            self.assertIn(f"a process of quota died (its sandbox ended with {code})", say.call_args[0][0])

    def test_a_store_that_does_not_answer_is_a_problem(self):
        late = subprocess.TimeoutExpired("python", 60)
        with patch("subprocess.run", side_effect=late), self.assertRaisesRegex(Problem, "did not answer within 60 s"):
            identities.provision("http://127.0.0.1:1", ("root", "all"), "vault", {})

    def test_with_reload_cargo_itself_is_started_as_the_function(self):
        own = identities.write(self.folder, {"confirm": "a-secret"})
        with patch.dict(os.environ, {"RELOAD": "on"}):
            said = self.started("confirm", own)
        self.assertRegex(said, r"^confirm:a-secret: sandbox \S*cargo run --release --bin confirm\n$")

    def started(self, name: str, own: Path, ending: str = "") -> str:
        """What a sandbox is told that the emulator starts for a function, under a stack whose own environment is root's."""
        sandbox = self.folder / "local"
        sandbox.write_text('#!/bin/sh\necho "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY:$AWS_SESSION_TOKEN $@"\n'
                           # It ends with whoever started it, or that would go on.
                           f"{ending}\nkill -TERM $PPID; exec sleep 60\n")
        sandbox.chmod(0o755)
        root = {**os.environ, "AWS_ACCESS_KEY_ID": "root", "AWS_SECRET_ACCESS_KEY": "all", "AWS_SESSION_TOKEN": "t"}
        env = {**functions.sandboxed(self.folder, own, root), "AWS_LAMBDA_FUNCTION_NAME": name}
        command = [env["CARGO"], "run", "--release", "--bin", name]
        # Another test may have had this process ignore the signal, which a shell could not trap then.
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30,
                              preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL)).stdout

    def test_secrets_are_kept_and_new_ones_made(self):
        first = datadir.load_secrets(self.folder, "s3_password_confirm")
        second = datadir.load_secrets(self.folder, "s3_password_confirm", "s3_password_delete")
        self.assertEqual({**second, **first}, second)
        self.assertEqual(len(second) - len(first), 1)


if __name__ == "__main__":
    unittest.main()
