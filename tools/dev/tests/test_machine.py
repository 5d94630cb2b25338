"""If the machine lacks something, the message names it and says how to get it."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from dev import cache, machine, postgres
from dev.report import Problem


def problem(call) -> str:
    """The message of the Problem that the call raises."""
    try:
        call()
    except Problem as raised:
        return str(raised)
    raise AssertionError("no Problem was raised")


class MachineTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        patch = mock.patch.dict("os.environ", {"DOCUVAULT_CACHE": folder.name, "DOCUVAULT_MINIO": "", "DOCUVAULT_POSTGRES": ""})
        patch.start()
        self.addCleanup(patch.stop)

    def only(self, *programs):
        """Sets PATH to a folder with only these programs."""
        for program in programs:
            (self.folder / program).touch(mode=0o755)
        return mock.patch.dict("os.environ", {"PATH": str(self.folder)})

    def test_missing_rust(self):
        with self.only("cc", "go"):
            self.assertRegex(problem(machine.check), r"Missing: Rust \(looked for cargo on PATH\).*rustup")

    def test_missing_c_compiler(self):
        with self.only("cargo", "go"):
            self.assertRegex(problem(machine.check), r"Missing: a C compiler \(looked for cc or gcc or clang")

    def test_missing_go(self):
        with self.only("cargo", "cc"):
            self.assertRegex(problem(machine.check), r"Missing: Go .*DOCUVAULT_MINIO")

    def test_go_is_not_required_once_minio_is_built(self):
        cache_folder = self.folder / machine.tools.minio_name()
        cache_folder.mkdir()
        (cache_folder / cache.COMPLETE).touch()
        with self.only("cargo", "cc"):
            machine.check()

    def test_a_nearly_full_disk(self):
        with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=machine.GIB)):
            self.assertRegex(problem(machine.check_disk), r"nearly full: 1\.0 GiB free, 5\.0 needed.*DOCUVAULT_CACHE")

    def test_root_without_a_user_for_postgres(self):
        with mock.patch("os.geteuid", return_value=0), mock.patch("pwd.getpwall", return_value=[]):
            self.assertIn("Postgres refuses to run as root", problem(postgres.os_user))

    def test_a_folder_without_postgres(self):
        with mock.patch.dict("os.environ", {"DOCUVAULT_POSTGRES": str(self.folder)}):
            self.assertIn(f"DOCUVAULT_POSTGRES={self.folder}", problem(lambda: postgres.programs(self.folder)))

    def test_an_interrupted_installation_starts_again(self):
        (self.folder / "tool").mkdir()
        (self.folder / "tool" / "half").touch()
        with mock.patch("dev.cache.say"):
            folder = cache.install("tool", "a tool", lambda folder, log: (folder / "whole").touch())
        self.assertEqual(sorted(path.name for path in folder.iterdir()), [cache.COMPLETE, "whole"])
