# SPDX-License-Identifier: MIT
"""Rule 31: what makes trouble for some clients is not announced by default;
every capability that the protocol can be without can be switched off, for all,
for one listener, and for one user."""

import re
import zlib

import pytest

from lib.server import ROOT, Server

NOT_BY_DEFAULT = ["UIDONLY", "METADATA-SERVER", "METADATA", "LITERAL-"]


def table():
    """(name, can be switched off) of each capability."""
    text = (ROOT / "doc" / "protocol.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([^`]+)` \| \d+ \| [^|]+ \| (yes|no) \|$", text,
                      re.M)


SWITCHED = [name.rstrip("=") for name, switch in table() if switch == "yes"]
FIXED = [name for name, switch in table() if switch == "no"]


@pytest.fixture(name="own", scope="module")
def start_own():
    """QRESYNC is off for one listener, MOVE for all."""
    made = Server(imap='capabilities_off = [ "QRESYNC", "COMPRESS=DEFLATE" ];',
                  more='capabilities_off = [ "MOVE" ];').start()
    yield made
    made.stop()
    made.remove()


def offered(server, user, listener="imap"):
    """The same at login and when asked."""
    connection = server.connect(listener)
    connection.login(user, "correct horse")
    names = connection.ok("CAPABILITY")[0].data
    connection.ok("NOOP")
    connection.close()
    return names


def test_not_by_default(server, user, source):
    connection = server.connect(source=source)
    before = connection.ok("CAPABILITY")[0].data
    connection.login(user, "correct horse")
    at_login = connection.tagged.code[1]
    after = connection.ok("CAPABILITY")[0].data
    assert after == at_login
    for name in NOT_BY_DEFAULT:
        assert name not in before + after
    connection.close()


def test_for_all_and_for_a_listener(own):
    user = own.add_user()
    here, there = offered(own, user), offered(own, user, "imaps")
    assert {"MOVE", "QRESYNC", "COMPRESS=DEFLATE"}.isdisjoint(here)
    assert "MOVE" not in there
    assert {"QRESYNC", "COMPRESS=DEFLATE"} <= set(there)
    connection = own.login(user)
    assert connection.ok("ENABLE QRESYNC")[0].data == []
    assert connection.command("COMPRESS DEFLATE")[1].name == "BAD"
    connection.close()
    connection = own.login(user, "imaps")
    assert connection.ok("ENABLE QRESYNC")[0].data == ["CONDSTORE", "QRESYNC"]
    connection.close()


def test_compress_is_there_for_it_works(server, user, source):
    """It is announced, since a client that flushes only in part, and does not
    wait for whole blocks, is served."""
    connection = server.login(user, source=source)
    assert "COMPRESS=DEFLATE" in connection.ok("CAPABILITY")[0].data
    connection.ok("COMPRESS DEFLATE")
    connection.start_compression(zlib.Z_PARTIAL_FLUSH, 3)
    for _ in range(10):
        connection.ok("SELECT INBOX")
    connection.close()


def names_off(server, user):
    done = server.tool("capability", "list", user)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def switch(server, how, user, name):
    done = server.tool("capability", how, user, name)
    assert done.returncode == 0, done.stderr


def test_for_a_user(own):
    one, other = own.add_user(), own.add_user()
    switch(own, "off", one, "condstore")
    switch(own, "off", one, "IDLE")
    switch(own, "off", one, "IDLE")
    assert names_off(own, one) == ["CONDSTORE", "IDLE"]
    assert names_off(own, other) == []
    assert {"CONDSTORE", "IDLE"}.isdisjoint(offered(own, one))
    assert {"CONDSTORE", "IDLE"} <= set(offered(own, other))
    connection = own.login(one)
    at_login = connection.tagged.code[1]
    assert at_login == connection.ok("CAPABILITY")[0].data
    assert connection.command("IDLE")[1].name == "BAD"
    # A session keeps what it was offered.
    switch(own, "on", one, "idle")
    assert connection.command("IDLE")[1].name == "BAD"
    connection.close()
    assert "IDLE" in offered(own, one)
    assert names_off(own, one) == ["CONDSTORE"]


def test_all_of_them_for_a_user(own):
    user = own.add_user()
    for name in SWITCHED:
        switch(own, "off", user, name)
    names = offered(own, user)
    assert set(names) <= set(FIXED)
    assert "IMAP4rev1" in names
    connection = own.login(user)
    connection.ok("SELECT INBOX")
    connection.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    connection.ok("FETCH 1 FLAGS")
    connection.close()
    for name in SWITCHED:
        switch(own, "on", user, name)
    assert names_off(own, user) == []


def test_it_is_kept():
    server = Server().start()
    user = server.add_user()
    switch(server, "off", user, "QRESYNC")
    server.stop()
    assert server.tool("check").returncode == 0
    assert names_off(server, user) == ["QRESYNC"]     # without a server
    server.start()
    assert "QRESYNC" not in offered(server, user)
    # An account of this name that is made anew has everything.
    assert server.tool("user", "del", user).returncode == 0
    server.add_user(user)
    assert "QRESYNC" in offered(server, user)
    server.stop()
    server.remove()


@pytest.mark.parametrize("words", [
    ("off", None, "XYZZY"), ("off", None, "IMAP4rev1"), ("on", None, "XYZZY"),
    ("off", "nobody", "IDLE"), ("list", "nobody")])
def test_refused(own, words):
    words = [own.add_user() if word is None else word for word in words]
    done = own.tool("capability", *words)
    assert done.returncode == 1 and done.stderr.startswith("avocet: ")


@pytest.mark.parametrize("name", ["XYZZY", "IMAP4rev1"])
def test_refused_settings(name):
    """The message names the listener."""
    server = Server(imap='capabilities_off = [ "%s" ];' % name)
    done = server.tool("config", "check")
    assert done.returncode == 2
    assert "listener.imap.capabilities_off" in done.stderr and \
        name in done.stderr
    server.remove()
