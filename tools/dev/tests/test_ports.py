"""Ports are checked before anything starts, and the message says what to do."""

import socket
import unittest
from pathlib import Path
from unittest import mock

from dev import ports
from dev.report import UserError

# The ports that connections get on Linux. macOS has no such file.
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


class PortsTest(unittest.TestCase):
    def setUp(self):
        # Not the default ports: a stack on this machine may be using them.
        free = zip(ports.SERVICES, vars(ports.choose_free()).values())
        patch = mock.patch.dict("os.environ", {name: str(port) for name, port in free})
        patch.start()
        self.addCleanup(patch.stop)

    def test_the_message_about_a_used_port_names_the_service_and_the_variable(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with mock.patch.dict("os.environ", {"MINIO_PORT": str(port)}), self.assertRaises(UserError) as raised:
                ports.check_free(ports.from_environment())
        self.assertRegex(str(raised.exception), rf"Port {port} for MinIO is already in use\..* set MINIO_PORT")

    def test_a_port_used_on_all_addresses_is_not_free(self):
        with socket.create_server(("0.0.0.0", 0)) as taken:
            self.assertFalse(ports.is_free(taken.getsockname()[1]))

    def test_two_services_cannot_share_a_port(self):
        with mock.patch.dict("os.environ", {"API_PORT": "9000", "MINIO_PORT": "9000"}), self.assertRaises(UserError) as raised:
            ports.from_environment()
        self.assertIn("API_PORT and MINIO_PORT are both 9000", str(raised.exception))

    def test_an_invalid_port_is_refused_by_name(self):
        for text in ("0", "65536", "http", "-1", "1.5"):
            with self.subTest(text), mock.patch.dict("os.environ", {"SQS_PORT": text}), self.assertRaises(UserError) as raised:
                ports.from_environment()
            self.assertIn(f"SQS_PORT={text}", str(raised.exception))

    def test_free_ports_differ(self):
        self.assertEqual(len(set(vars(ports.choose_free()).values())), len(ports.SERVICES))

    def test_no_connection_takes_a_free_port(self):
        lowest = int(EPHEMERAL.read_text().split()[0]) if EPHEMERAL.exists() else 49_152
        self.assertLess(max(ports.find_free(100)), lowest)

    def test_a_used_port_is_not_chosen(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            used = taken.getsockname()[1]
            with mock.patch.object(ports, "UNASSIGNED", range(used, used + 1)):
                self.assertEqual(ports.find_free(1), [])
