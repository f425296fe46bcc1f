# SPDX-License-Identifier: MIT
"""Started by systemd: sockets that are passed on, and what it is told
(sd_listen_fds(3), sd_notify(3))."""

import configparser
import os
import pathlib
import shutil
import socket
import subprocess
import sys

import pytest

from lib.server import ROOT, Server, program

UNITS = ROOT / "contrib" / "systemd"

# As systemd does it: descriptors from 3 on, and the process's own number.
START = """
import os, sys
first = 3
for number, fd in enumerate(map(int, sys.argv[1].split(",")), first):
    os.dup2(fd, number + 100)
for number in range(first, first + len(sys.argv[1].split(","))):
    os.dup2(number + 100, number, inheritable=True)
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["LISTEN_FDS"] = str(len(sys.argv[1].split(",")))
os.environ["LISTEN_FDNAMES"] = sys.argv[2]
os.execv(sys.argv[3], sys.argv[3:])
"""


class Manager:
    """The end of systemd's socket."""

    def __init__(self, folder):
        self.path = folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(60)

    def told(self):
        return self.socket.recv(4096).decode().splitlines()

    def close(self):
        self.socket.close()


@pytest.fixture
def manager(tmp_path):
    made = Manager(tmp_path)
    yield made
    made.close()


def listening():
    made = socket.create_server(("127.0.0.1", 0))
    os.set_inheritable(made.fileno(), True)
    return made


def start_with(server, sockets, names):
    fds = ",".join(str(each.fileno()) for each in sockets)
    server.under = [sys.executable, "-c", START, fds, names]
    server.inherit = [each.fileno() for each in sockets]
    return server.start()


def test_ready_and_stopping(manager):
    server = Server()
    server.environment = {"NOTIFY_SOCKET": str(manager.path)}
    server.start()
    assert manager.told() == ["READY=1"]
    server.stop()
    assert manager.told() == ["STOPPING=1"]
    server.remove()


def test_watchdog(manager):
    server = Server()
    # Of no process in particular, as for a service that forks.
    server.environment = {"NOTIFY_SOCKET": str(manager.path),
                          "WATCHDOG_USEC": "2000000"}
    server.start()
    assert manager.told() == ["READY=1"]
    for _ in range(2):
        assert manager.told() == ["WATCHDOG=1"]
    server.stop()
    server.remove()


def test_sockets_are_taken_by_name():
    sockets = [listening(), listening()]
    server = Server()
    start_with(server, sockets, "imaps:imap")
    assert server.addresses["imaps"] == sockets[0].getsockname()
    assert server.addresses["imap"] == sockets[1].getsockname()
    user = server.add_user()
    for listener in ("imap", "imaps", "pop3"):
        if listener == "pop3":     # bound by the server itself
            server.pop3(user).close()
        else:
            server.login(user, listener).close()
    server.stop()
    server.remove()
    for each in sockets:
        each.close()


def test_a_socket_that_nobody_wants():
    sockets = [listening()]
    server = Server()
    start_with(server, sockets, "nonsense")
    assert "event=socket-unused name=nonsense" in server.log()
    server.stop()
    server.remove()
    sockets[0].close()


def test_a_socket_that_does_not_listen():
    made = socket.socket()
    os.set_inheritable(made.fileno(), True)
    server = Server()
    with pytest.raises(RuntimeError) as failure:
        start_with(server, [made], "imap")
    assert "no listening socket" in str(failure.value)
    server.remove()
    made.close()


def test_units_name_the_listeners():
    names = set()
    for path in UNITS.glob("*.socket"):
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str
        unit.read(path)
        names.add(unit["Socket"]["FileDescriptorName"])
        assert unit["Socket"]["Service"] == "avocet.service"
    shown = subprocess.run([program(), "config", "show", "-c", "/dev/null"],
                           check=True, capture_output=True, text=True).stdout
    assert names == {"imap", "imaps", "pop3", "pop3s", "lmtp"}
    for name in names:
        assert "listener." + name in shown


def test_systemd_does_not_take_the_data_folder_back():
    """With StateDirectory= and no User= it gives the folder to root at each
    start; seen under systemd 252."""
    text = (UNITS / "avocet.service").read_text(encoding="utf-8")
    assert "\nStateDirectory=" not in text or "\nUser=" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None,
                    reason="systemd-analyze is not here")
def test_units_are_well_formed_where_systemd_is(tmp_path):
    units = []
    for path in UNITS.iterdir():
        copy = tmp_path / path.name
        text = path.read_text(encoding="utf-8")
        copy.write_text(text.replace("/usr/local/bin/avocet",
                                     str(pathlib.Path(program()).resolve())),
                        encoding="utf-8")
        units.append(str(copy))
    done = subprocess.run(["systemd-analyze", "verify", *units], check=False,
                          capture_output=True, text=True)
    assert str(tmp_path) not in done.stderr, done.stderr
