# SPDX-License-Identifier: MIT
"""Rule 24: a client in IDLE is not sent away for its silence.  Whether it is
alive is asked below, by TCP; a line that says nothing is sent now and then, as
often as the listener says, at the same moments for all sessions of a user."""

import pathlib
import time

import pytest

from lib.client import ANSWER_S
from lib.server import Server

KEEPALIVE_TIMER = 2     # of /proc/net/tcp's column "tr"


@pytest.fixture(name="ticking", scope="module")
def start_ticking():
    made = Server(imap='keepalive = "1s";').start()
    yield made
    made.stop()
    made.remove()


def idle(connection, box="INBOX"):
    if box:
        connection.ok("SELECT " + box)
    tag = connection.start("IDLE")
    assert connection.read().tag == "+"
    return tag


@pytest.mark.parametrize("box", ["INBOX", None])
def test_keepalive(ticking, box):
    user = ticking.add_user()
    connections = [ticking.login(user) for _ in range(3)]
    tags = [idle(connection, box) for connection in connections]
    for _ in range(2):
        for connection in connections:
            assert connection.read().raw == b"* OK Still here\r\n"
    for connection, tag in zip(connections, tags):
        connection.send(b"DONE\r\n")
        assert connection.read_until(tag)[1].name == "OK"
        connection.close()


def test_only_in_idle(ticking):
    """Whoever does not wait for it is told nothing."""
    user = ticking.add_user()
    idling, waiting = ticking.login(user), ticking.login(user)
    idle(idling)
    waiting.ok("SELECT INBOX")
    for _ in range(2):
        idling.read()
    assert waiting.ok("NOOP") == []
    idling.close()
    waiting.close()


def test_only_on_this_listener(ticking):
    user = ticking.add_user()
    here, there = ticking.login(user), ticking.login(user, "imaps")
    idle(here)
    idle(there)
    for _ in range(2):
        here.read()
    there.send(b"DONE\r\n")
    assert there.read().name == "OK"
    here.close()
    there.close()


@pytest.mark.parametrize("value, fine", [
    ("0s", True), ("15m", True), ("1d", True), ("2d", False), ("x", False)])
def test_setting(value, fine):
    server = Server(imap='keepalive = "%s";' % value)
    done = server.tool("config", "check")
    assert (done.returncode == 0) == fine, done.stderr
    assert fine or "keepalive" in done.stderr
    server.remove()


def test_default():
    """A quarter of an hour: rarely enough for a phone."""
    server = Server()
    shown = server.tool("config", "show").stdout
    assert shown.count('.keepalive = "15m"') == shown.count(".protocol = "), \
        shown
    server.remove()


def hex_address(address):
    host, port = address
    octets = bytes(reversed([int(part) for part in host.split(".")]))
    return "%s:%04X" % (octets.hex().upper(), port)


def timer_of(local, remote):
    """The kind of timer that the kernel has for this connection."""
    rows = pathlib.Path("/proc/net/tcp").read_text(encoding="ascii")
    for row in rows.splitlines()[1:]:
        words = row.split()
        if words[1:3] == [local, remote]:
            return int(words[5].split(":")[0], 16)
    return None


def test_tcp_asks_who_is_alive(server, user, source):
    """The kernel has a keepalive timer for the server's end."""
    connection = server.login(user, source=source)
    idle(connection)
    here = hex_address(connection.socket.getsockname())
    there = hex_address(connection.socket.getpeername())
    deadline = time.monotonic() + ANSWER_S
    while timer_of(there, here) != KEEPALIVE_TIMER:   # first the ACK comes
        assert time.monotonic() < deadline
    connection.close()
