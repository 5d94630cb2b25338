"""If the machine lacks something, the message names it and says how to get it."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from dev import cache, machine, postgres
from dev.report import UserError


def catch_message(call) -> str:
    """Returns the message of the UserError that the call raises."""
    try:
        call()
    except UserError as raised:
        return str(raised)
    raise AssertionError("no UserError was raised")


class MachineTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        patch = mock.patch.dict("os.environ", {"DOCUVAULT_CACHE": folder.name, "DOCUVAULT_MINIO": "", "DOCUVAULT_POSTGRES": ""})
        patch.start()
        self.addCleanup(patch.stop)

    def path_with(self, *programs):
        """Sets PATH to a folder with only these programs."""
        for program in programs:
            (self.folder / program).touch(mode=0o755)
        return mock.patch.dict("os.environ", {"PATH": str(self.folder)})

    def test_the_message_about_missing_rust_names_rustup(self):
        with self.path_with("cc", "go"):
            self.assertRegex(catch_message(machine.check), r"Missing: Rust \(looked for cargo on PATH\).*rustup")

    def test_the_message_about_a_missing_c_compiler_names_the_compilers(self):
        with self.path_with("cargo", "go"):
            self.assertRegex(catch_message(machine.check), r"Missing: a C compiler \(looked for cc or gcc or clang")

    def test_the_message_about_missing_go_names_the_alternative(self):
        with self.path_with("cargo", "cc"):
            self.assertRegex(catch_message(machine.check), r"Missing: Go .*DOCUVAULT_MINIO")

    def test_go_is_not_required_once_minio_is_built(self):
        cache_folder = self.folder / machine.tools.minio_name()
        cache_folder.mkdir()
        (cache_folder / cache.COMPLETE).touch()
        with self.path_with("cargo", "cc"):
            machine.check()

    def test_a_nearly_full_disk_is_reported_with_its_free_space(self):
        with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=machine.GIB)):
            self.assertRegex(catch_message(machine.check_disk), r"nearly full: 1\.0 GiB free, 5\.0 needed.*DOCUVAULT_CACHE")

    def test_root_needs_another_user_for_postgres(self):
        with mock.patch("os.geteuid", return_value=0), mock.patch("pwd.getpwall", return_value=[]):
            self.assertIn("Postgres refuses to run as root", catch_message(postgres.os_user))

    def test_a_folder_without_postgres_is_refused_by_name(self):
        with mock.patch.dict("os.environ", {"DOCUVAULT_POSTGRES": str(self.folder)}):
            self.assertIn(f"DOCUVAULT_POSTGRES={self.folder}", catch_message(lambda: postgres.programs(self.folder)))

    def test_an_interrupted_installation_starts_again(self):
        (self.folder / "tool").mkdir()
        (self.folder / "tool" / "half").touch()
        with mock.patch("dev.cache.say"):
            folder = cache.install("tool", "a tool", lambda folder, log: (folder / "whole").touch())
        self.assertEqual(sorted(path.name for path in folder.iterdir()), [cache.COMPLETE, "whole"])
