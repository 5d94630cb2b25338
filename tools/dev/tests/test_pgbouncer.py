"""PgBouncer is found if it is new enough, and built from exactly the pinned sources otherwise."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from dev import debian, pgbouncer
from dev.report import UserError
from dev.tests.test_machine import catch_message


class PgbouncerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        variables = {"DOCUVAULT_CACHE": folder.name, "DOCUVAULT_PGBOUNCER": "", "PATH": f"{folder.name}/bin"}
        patch = mock.patch.dict("os.environ", variables)
        patch.start()
        self.addCleanup(patch.stop)
        (self.folder / "bin").mkdir()

    def write_program(self, version):
        """Writes a program to PATH that says that it is this version of PgBouncer."""
        program = self.folder / "bin" / "pgbouncer"
        program.write_text(f"#!/bin/sh\necho 'PgBouncer {version}'\necho 'libevent 2.1.12-stable'\n")
        program.chmod(0o755)
        return program

    def test_a_program_on_path_is_used_from_version_1_21_on(self):
        with mock.patch("dev.cache.install", return_value=Path("/built")):
            with mock.patch.object(pgbouncer, "check_buildable"):
                for version, used in (("1.21.0", True), ("1.24.1", True), ("2.0.0", True), ("1.18.0", False)):
                    program = self.write_program(version)
                    self.assertEqual(pgbouncer.program(), program if used else Path("/built/pgbouncer"), version)

    def test_a_program_that_is_too_old_or_none_is_refused_by_name(self):
        for program in (self.write_program("1.18.0"), Path("/bin/true"), Path("/nonexistent")):
            with mock.patch.dict("os.environ", {"DOCUVAULT_PGBOUNCER": str(program)}):
                self.assertIn(f"DOCUVAULT_PGBOUNCER={program} is not", catch_message(pgbouncer.program))

    def test_a_machine_that_cannot_build_it_is_told_what_to_install(self):
        with mock.patch.object(debian, "is_available", return_value=False):
            self.assertRegex(catch_message(pgbouncer.program), "Missing: PgBouncer.*apt-get install pgbouncer.*DOCUVAULT_PGBOUNCER")
        with mock.patch.object(debian, "is_available", return_value=True):
            self.assertRegex(catch_message(pgbouncer.program), r"Missing: make.*DOCUVAULT_PGBOUNCER")

    def test_other_sources_than_the_pinned_ones_are_refused(self):
        for name in (f"pgbouncer_{pgbouncer.VERSION}.orig.tar.gz", "pgbouncer_9.9.orig.tar.gz"):
            work = self.folder / name
            work.mkdir()
            (work / name).write_text("other sources")
            self.assertIn(name, catch_message(lambda: pgbouncer.unpack(work, self.folder / "log")))


class DebianTest(unittest.TestCase):
    def find_mirror(self, lines):
        """Finds the mirror of a machine with Debian 12 whose apt prints these lines."""
        with mock.patch("platform.freedesktop_os_release", return_value={"ID": "debian", "VERSION_CODENAME": "bookworm"}):
            with mock.patch("subprocess.run", return_value=mock.Mock(stdout=lines)):
                return debian.find_mirror()

    def test_the_mirror_is_that_of_the_release_itself(self):
        lines = ("bookworm-security main http://security.example/\nbookworm stable http://docker.example/\n"
                 "bookworm main http://debian.example/\n")
        self.assertEqual(self.find_mirror(lines), "http://debian.example/")

    def test_a_machine_without_a_mirror_is_told_where_to_look(self):
        with self.assertRaisesRegex(UserError, "no mirror for Debian bookworm"):
            self.find_mirror("")


if __name__ == "__main__":
    unittest.main()
