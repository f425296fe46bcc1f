# SPDX-License-Identifier: MIT
"""Very many log in at once, as after a restart: each has its turn, none is told
to come back later, and nobody who is inside already notices."""

import select

import pytest

from lib.server import PASSWORD, Server
from lib.shared import new_source
from test_login import plain

USERS = 10
MANY = 500
GUESSES = 100


@pytest.fixture(name="forgetful")
def forgetful_server():
    """A server that computes the slow hash for each login."""
    made = Server(more='password_memory = "0s"; account_connections = 0;'
                  ).start()
    yield made
    if made.alive():
        made.stop()
    made.remove()


def connect_all(server, count):
    """Every tenth by TLS."""
    source = new_source()
    return [server.connect("imap" if number % 10 else "imaps", source)
            for number in range(count)]


def close_all(connections):
    for connection in connections:
        connection.close()


def send_login(connection, user, password, by_plain):
    """Not waited for; another command behind it."""
    if by_plain:
        first = "a1 AUTHENTICATE PLAIN " + plain(user, password)
    else:
        first = 'a1 LOGIN "%s" "%s"' % (user, password)
    connection.send(first.encode() + b"\r\na2 NOOP\r\n")


def answered(connections):
    """Those with something to read."""
    polled = select.poll()
    for connection in connections:
        polled.register(connection.socket.fileno(), select.POLLIN)
    return polled.poll(0)


def check_logged_in(connection):
    for tag in ("a1", "a2"):
        _, tagged = connection.read_until(tag)
        assert tagged.name == "OK", tagged


def test_all_get_in(fresh_server):
    users = [fresh_server.add_user(usual=True) for _ in range(USERS)]
    connections = connect_all(fresh_server, MANY)
    for number, connection in enumerate(connections):
        send_login(connection, users[number % USERS], PASSWORD,
                   number // USERS % 2)
    for connection in connections:
        check_logged_in(connection)
    close_all(connections)


def test_who_is_inside_is_answered_meanwhile(forgetful):
    user = forgetful.add_user(usual=True)
    inside = forgetful.login(user)
    connections = connect_all(forgetful, GUESSES)
    for connection in connections:
        send_login(connection, user, PASSWORD, False)
    for _ in range(5):
        inside.ok("NOOP")
    # The hashes of the last in line were not computed yet.
    assert len(answered(connections)) < GUESSES
    for connection in connections:
        check_logged_in(connection)
    close_all(connections + [inside])


def test_more_behind_than_is_read_before_login(forgetful):
    """A client that sends on and on is read as far as there is room, and is
    answered to the end."""
    user = forgetful.add_user(usual=True)
    connections = connect_all(forgetful, 20)
    noops = ["b%d" % number for number in range(3000)]
    for connection in connections:
        send_login(connection, user, PASSWORD, True)
    for connection in connections[-2:]:
        connection.send("".join(tag + " NOOP\r\n" for tag in noops).encode())
    for connection in connections:
        check_logged_in(connection)
    for connection in connections[-2:]:
        for tag in noops:
            assert connection.read_until(tag)[1].name == "OK"
    close_all(connections)


def test_guesser_does_not_keep_the_owner_out(fresh_server):
    user = fresh_server.add_user(usual=True)
    owner = fresh_server.connect("imap", new_source())
    connections = connect_all(fresh_server, GUESSES)
    for number, connection in enumerate(connections):
        send_login(connection, user, "guess %d" % number, number % 2)
    owner.login(user, PASSWORD)
    owner.ok("NOOP")
    close_all(connections + [owner])


def test_who_goes_away_leaves_the_line(forgetful):
    """Then the rest is served, and the server ends without a leak."""
    user = forgetful.add_user(usual=True)
    gone, rest = connect_all(forgetful, MANY), connect_all(forgetful, 10)
    for connection in gone:
        send_login(connection, user, PASSWORD, False)
    for connection in rest:
        send_login(connection, user, PASSWORD, True)
    close_all(gone)
    for connection in rest:
        check_logged_in(connection)
    close_all(rest)
    logins = sum("event=login " in line for line in forgetful.lines)
    assert len(rest) <= logins < len(gone) // 2
    forgetful.stop()


def test_a_stop_does_not_wait_for_the_line(forgetful):
    user = forgetful.add_user(usual=True)
    connections = connect_all(forgetful, GUESSES)
    for connection in connections:
        send_login(connection, user, PASSWORD, False)
    forgetful.stop()
    close_all(connections)
