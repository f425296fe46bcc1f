# SPDX-License-Identifier: MIT
"""How many connections one account may have, and how often it may log in."""

import time

import pytest

from lib.client import Closed
from lib.server import PASSWORD, Server


@pytest.fixture
def limited(request):
    made = Server(more=request.param).start()
    yield made
    made.stop()
    made.remove()


def refused_imap(server, user):
    """The answer to one login too many; the connection stays."""
    connection = server.connect()
    answer = connection.command('LOGIN "%s" "%s"' % (user, PASSWORD))[1]
    connection.ok("NOOP")
    connection.close()
    return answer.name, answer.code_name


def refused_pop3(server, user):
    connection = server.pop3()
    assert connection.command("USER " + user).ok
    answer = connection.command("PASS " + PASSWORD)
    assert connection.command("NOOP").code is None
    connection.close()
    return answer.ok, answer.code


def let_in(server, user, tries=1000):
    """Log in when there is room: the server may learn of an end a moment
    after its client."""
    for _ in range(tries):
        connection = server.connect()
        if connection.command('LOGIN "%s" "%s"' % (user, PASSWORD))[1].name \
                == "OK":
            return connection
        connection.close()
    raise AssertionError("there is no room")


def limited_lines(server, user, least):
    """Those of the log; they may be read a little after the answer."""
    deadline = time.monotonic() + 30
    while True:
        lines = [line for line in server.lines if "event=login-limited" in line
                 and " user=%s " % user in line]
        if len(lines) >= least or time.monotonic() > deadline:
            return lines
        time.sleep(0.02)


@pytest.mark.parametrize("limited", [""], indirect=True)
def test_a_hundred_connections(limited):
    """By default, IMAP and POP3 together, plain and TLS."""
    user, other = limited.add_user(), limited.add_user()
    held = [limited.login(user) for _ in range(97)]
    held.append(limited.login(user, "imaps"))
    held += [limited.pop3(user), limited.pop3(user, "pop3s")]
    assert refused_imap(limited, user) == ("NO", "LIMIT")
    assert refused_pop3(limited, user) == (False, "SYS/TEMP")
    assert len(limited_lines(limited, user, 2)) == 2
    # Nobody else is concerned, nor who is there.
    limited.login(other).close()
    for connection in held[:98]:
        connection.ok("NOOP")
    # One that refuses a wrong password is not counted, and one that logged in
    # on the same connection later is.
    connection = limited.connect()
    for _ in range(2):
        assert connection.command('LOGIN "%s" "%s"' % (user, PASSWORD))[1] \
            .name == "NO"
    held.pop(0).ok("LOGOUT")
    let_in(limited, user).close()
    held.pop().quit()
    held.pop().close()
    for _ in range(2):
        held.append(let_in(limited, user))
    for each in held + [connection]:
        each.close()


@pytest.mark.parametrize("limited", ["account_connections = 2;\n"],
                         indirect=True)
def test_every_way_of_ending_makes_room(limited):
    user = limited.add_user()
    held = [limited.login(user), limited.login(user)]
    assert refused_imap(limited, user) == ("NO", "LIMIT")
    limited.tool("kick", user)
    for connection in held:
        assert connection.read().name == "BYE"
        with pytest.raises(Closed):
            connection.read()
    held = [let_in(limited, user), let_in(limited, user)]
    held.pop().close()
    held.append(let_in(limited, user))
    assert refused_imap(limited, user) == ("NO", "LIMIT")
    for connection in held:
        connection.close()


@pytest.mark.parametrize("limited", ["account_rate = 4;\n"], indirect=True)
def test_logins_in_a_minute(limited):
    """So many may come at once; the next has to wait for a quarter of a
    minute, in which this test is over."""
    user, other = limited.add_user(), limited.add_user()
    for _ in range(4):
        limited.login(user).close()
    assert refused_imap(limited, user) == ("NO", "LIMIT")
    assert refused_pop3(limited, user) == (False, "LOGIN-DELAY")
    assert len(limited_lines(limited, user, 2)) == 2
    limited.login(other).close()


@pytest.mark.parametrize("limited", ["account_rate = 3;\n"], indirect=True)
def test_strangers_use_nothing_up(limited):
    user = limited.add_user()
    stranger = limited.connect("imap", "127.0.0.9")
    for _ in range(3):
        assert stranger.command('LOGIN "%s" "wrong"' % user)[1].name == "NO"
    for _ in range(3):
        limited.login(user).close()
    stranger.close()


# -- bandwidth -----------------------------------------------------------------

HEAD = b"Subject: large\r\n\r\n"
BODY = b"".join(b"%063d\r\n" % number for number in range(70000))
SMALL = [HEAD + b"%d\r\n" % number + 1500 * b"0123456789abcdef\r\n"
         for number in range(100)]


def literals(responses):
    """The octets that each FETCH has sent."""
    return [bytes(response.data["BODY[]"]) for response in responses
            if response.name == "FETCH"]


@pytest.mark.parametrize(
    "limited", ['account_bandwidth = "1M"; workers = 2;\n'], indirect=True)
def test_bandwidth(limited):
    """Three sessions get some more than what may be sent at once: all comes,
    and whole, and nobody else is in their way, though there are two threads
    only."""
    user, other = limited.add_user(), limited.add_user()
    sessions = [limited.login(user), limited.login(user, "imaps"),
                limited.login(user)]
    sessions[0].append("INBOX", HEAD + BODY)
    bystander = limited.login(other)
    tags = []
    for session in sessions:
        session.ok("SELECT INBOX")
        tags.append(session.start("FETCH 1 BODY.PEEK[]"))
    for _ in range(20):
        bystander.ok("NOOP")
    for session, tag in zip(sessions, tags):
        untagged, tagged = session.read_until(tag)
        assert tagged.name == "OK"
        assert literals(untagged) == [HEAD + BODY]
        session.close()
    drop = limited.pop3(user)
    assert drop.many("RETR 1") == HEAD + BODY
    drop.close()
    bystander.close()


@pytest.mark.parametrize(
    "limited", ['account_bandwidth = "512K";\n'], indirect=True)
def test_bandwidth_of_many_messages(limited):
    """More than are open for output at once, so that the command waits."""
    user, other = limited.add_user(), limited.add_user()
    session, bystander = limited.login(user), limited.login(other)
    for message in SMALL:
        session.append("INBOX", message)
    session.ok("SELECT INBOX")
    for _ in range(3):
        tag = session.start("FETCH 1:* BODY.PEEK[]")
        bystander.ok("NOOP")
        untagged, tagged = session.read_until(tag)
        assert tagged.name == "OK"
        assert literals(untagged) == SMALL
    session.close()
    bystander.close()
