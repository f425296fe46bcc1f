# SPDX-License-Identifier: MIT
"""A listener that is full of connections that do not log in: who comes next
gets the place of the one that came first, and who has logged in stays."""

import contextlib
import select
import socket

import pytest

from lib.bad_dialogues import proxy_line
from lib.client import Connection, Silent
from lib.pop3 import Pop3
from lib.server import PASSWORD, Server

PLACES = 12
SOCKETS = "".join("""
  %s = { address = "127.0.0.1:0"; connections = %d; %s };
""" % (name, PLACES, what) for name, what in {
    "small": 'protocol = "imap"; tls = "starttls";',
    "smalls": 'protocol = "imap"; tls = "implicit";',
    "smallp": 'protocol = "pop3"; tls = "starttls";',
    "smalll": 'protocol = "lmtp"; tls = "none";',
    "smallx": 'protocol = "imap"; tls = "starttls"; '
              'proxies = [ "127.0.0.1" ];'}.items())


@pytest.fixture(scope="module")
def server():
    made = Server(listeners=SOCKETS).start()
    made.add_user("ann")
    yield made
    made.stop()
    made.remove()


@contextlib.contextmanager
def strangers(server, listener, count=PLACES, says=b"", hears=True,
              source="127.0.0.1"):
    """So many that have come, in this order; the server's first words to each
    are read if there are some."""
    with contextlib.ExitStack() as stack:
        come = []
        for _ in range(count):
            each = socket.create_connection(
                server.addresses[listener], 30, (source, 0))
            stack.callback(each.close)
            each.sendall(says)
            if hears:
                assert each.recv(1000)
            come.append(each)
        yield come


def last_words(stranger):
    """What is said until the connection is closed."""
    said = b""
    while more := stranger.recv(1000):
        said += more
    return said


def assert_stay(come):
    """Who came last.  Of the first, one that takes more than a quarter of a
    second to end takes the next one along."""
    assert not select.select(come[PLACES // 2:], [], [], 0)[0]


def works(connection):
    connection.ok("SELECT INBOX")
    connection.ok("NOOP")
    connection.ok("LOGOUT")
    connection.close()


@pytest.mark.parametrize("says", [b"", b"a", b"a NOOP", b"a LOGIN {3}\r\nann"])
def test_idle_ones(server, says):
    with strangers(server, "small", says=says) as come:
        works(server.login("ann", "small"))
        assert last_words(come[0]).endswith(
            b"* BYE [UNAVAILABLE] Too many log in now, try again later\r\n")


def test_in_the_order_in_which_they_came(server):
    with strangers(server, "small") as come, \
            strangers(server, "small", 3):
        for gone in come[:3]:
            assert b"* BYE " in last_words(gone)
        assert_stay(come)


def test_tricklers(server):
    """To say something, or to come again, is of no use."""
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            come = stack.enter_context(strangers(server, "small"))
            for each in come:
                each.sendall(b"x")
            owner = server.login("ann", "small")
            stack.enter_context(strangers(server, "small"))
            works(owner)


def test_who_has_logged_in_stays(server):
    held = [server.login("ann", "small") for _ in range(PLACES - 1)]
    with strangers(server, "small", 1) as first, \
            strangers(server, "small", 1) as second:
        assert b"* BYE " in last_words(first[0])
        held.append(server.login("ann", "small"))
        assert b"* BYE " in last_words(second[0])
    # All have logged in: the next one waits.
    late = Connection(server.addresses["small"])
    with pytest.raises(Silent):
        late.read(0.3)
    for each in held[1:]:
        each.ok("NOOP")
    held[0].ok("LOGOUT")
    assert late.read().name == "OK"
    late.login("ann", PASSWORD)
    works(late)
    for each in held:
        each.close()


@pytest.mark.parametrize("says", [b"", b"\x16\x03\x01\x00\xa5\x01\x00"])
def test_handshakes(server, says):
    with strangers(server, "smalls", says=says, hears=False) as come:
        owner = Connection(server.addresses["smalls"], tls=True)
        assert owner.read().name == "OK"
        owner.login("ann", PASSWORD)
        works(owner)
        assert last_words(come[0]) == b""
        assert_stay(come)


def test_starttls(server):
    with strangers(server, "small", says=b"a STARTTLS\r\n") as come:
        works(server.login("ann", "small"))
        assert b"BYE" not in last_words(come[0])


@pytest.mark.parametrize("says", [b"", b"USER ann\r\n", b"PASS "])
def test_pop3(server, says):
    """Who has asked nothing is told nothing."""
    with strangers(server, "smallp", says=says) as come:
        owner = Pop3(server.addresses["smallp"])
        assert owner.status().ok
        owner.login("ann", PASSWORD)
        assert owner.command("STAT").ok
        owner.quit()
        assert b"-ERR" not in last_words(come[0])


@pytest.mark.parametrize("header", [
    b"", b"PROXY TCP4 192", proxy_line("192.0.2.1")])
def test_behind_a_proxy(server, header):
    whole = header.endswith(b"\n")
    with strangers(server, "smallx", says=header, hears=whole) as come:
        owner = Connection(server.addresses["smallx"])
        owner.send(proxy_line("127.0.0.1"))
        assert owner.read().name == "OK"
        owner.login("ann", PASSWORD)
        works(owner)
        assert (b"* BYE" in last_words(come[0])) == whole


def test_an_answer_that_is_held_back_stays_so(server):
    """Nobody learns sooner whether he has guessed right."""
    with strangers(server, "small", 1, source="127.7.7.7") as guesser:
        for _ in range(3):
            guesser[0].sendall(b"a LOGIN ann wrong\r\n")
            assert b"a NO" in guesser[0].recv(1000)
        guesser[0].sendall(b"a LOGIN ann wrong\r\n")
        with strangers(server, "small"):
            assert last_words(guesser[0]) == b""


def test_lmtp(server):
    """Nobody logs in there: the next one waits."""
    with strangers(server, "smalll") as come, \
            strangers(server, "smalll", 1, hears=False) as late:
        assert not select.select(come + late, [], [], 0.3)[0]
        come[5].sendall(b"QUIT\r\n")
        assert last_words(come[5])
        assert late[0].recv(1000).startswith(b"220 ")


def test_descriptors():
    """Strangers who take all that the process may have, at one listener, do not
    keep the owner out of another."""
    made = Server()
    made.under = ["prlimit", "--nofile=100:100"]
    made.start()
    try:
        made.add_user("ann")
        owner = made.login("ann")
        with strangers(made, "imap", 120, hears=False) as come:
            assert b"* BYE " in last_words(come[0])
            other = made.pop3("ann")
            assert other.command("NOOP").ok
            other.quit()
            works(made.login("ann", "imaps"))
            owner.ok("NOOP")
            owner.close()
    finally:
        made.stop()
        made.remove()
