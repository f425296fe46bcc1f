# SPDX-License-Identifier: MIT
"""POP3 (RFC 1939, 2449): the commands after login, octet by octet."""

import re
import socket
import time

import pytest

from lib.server import PASSWORD, Server

HEADER = b"From: a@example.org\r\nSubject: test\r\n"
SMALL = HEADER + b"\r\nbody\r\n"


def append(server, user, *messages):
    """Put messages into INBOX exactly as they are."""
    client = server.login(user)
    for message in messages:
        client.append("INBOX", message)
    client.ok("LOGOUT")
    client.close()


def flags_of(server, user):
    """Of the messages in INBOX, but for \\Recent."""
    client = server.login(user)
    client.ok("EXAMINE INBOX")
    found = [[flag for flag in response.data["FLAGS"] if flag != "\\Recent"]
             for response in client.ok("UID FETCH 1:* (FLAGS)")]
    client.close()
    return found


@pytest.fixture
def drop(server, user, source):
    """A session over three messages."""
    append(server, user, SMALL, SMALL + b"two\r\n", SMALL + b"3\r\n4\r\n")
    connection = server.pop3(user, source=source)
    yield connection
    connection.close()


# -- the commands -----------------------------------------------------------

def test_empty_maildrop(server, user):
    pop = server.pop3(user)
    assert pop.ok("STAT") == "0 0"
    assert pop.many("LIST") == b"" and pop.many("UIDL") == b""
    for command in ("LIST 1", "UIDL 1", "RETR 1", "TOP 1 0", "DELE 1"):
        pop.err(command)
    pop.quit()


def test_stat_list_uidl(drop):
    sizes = {1: len(SMALL), 2: len(SMALL) + 5, 3: len(SMALL) + 6}
    assert drop.ok("STAT") == "3 %d" % sum(sizes.values())
    assert drop.sizes() == sizes
    assert drop.ok("LIST 2") == "2 %d" % sizes[2]
    uids = drop.uids()
    assert sorted(uids) == [1, 2, 3] and len(set(uids.values())) == 3
    assert drop.ok("UIDL 3") == "3 " + uids[3]
    for uid in uids.values():
        assert re.fullmatch("[\x21-\x7e]{1,70}", uid)


def test_verbs_in_any_case(drop):
    assert drop.ok("stat") == drop.ok("Stat")
    assert drop.many("rEtR 1") == SMALL


def test_retr(drop):
    assert drop.ok("RETR 1") == "%d octets" % len(SMALL)
    assert drop.rest() == SMALL
    assert drop.many("RETR 3") == SMALL + b"3\r\n4\r\n"


@pytest.mark.parametrize("lines, want", [
    (0, HEADER + b"\r\n"), (1, HEADER + b"\r\nbody\r\n"),
    (2, HEADER + b"\r\nbody\r\n3\r\n"), (3, SMALL + b"3\r\n4\r\n"),
    (4294967295, SMALL + b"3\r\n4\r\n")])
def test_top(drop, lines, want):
    assert drop.many("TOP 3 %d" % lines) == want


def test_dele_and_rset(drop):
    uids = drop.uids()
    before = drop.ok("STAT")
    drop.ok("DELE 2")
    assert drop.ok("STAT") == "2 %d" % (2 * len(SMALL) + 6)
    assert sorted(drop.sizes()) == [1, 3]
    assert drop.uids() == {1: uids[1], 3: uids[3]}
    for command in ("DELE 2", "RETR 2", "TOP 2 0", "LIST 2", "UIDL 2"):
        drop.err(command)
    drop.ok("RSET")
    assert drop.ok("STAT") == before and drop.uids() == uids
    assert drop.many("RETR 2") == SMALL + b"two\r\n"


def test_quit_removes_what_is_marked(server, user, drop):
    uids = drop.uids()
    drop.ok("DELE 1")
    drop.ok("DELE 3")
    drop.quit()
    pop = server.pop3(user)
    assert pop.uids() == {1: uids[2]}
    pop.quit()


@pytest.mark.parametrize("end", ["close", "reset", "rset"])
def test_without_quit_nothing_is_removed(server, user, drop, end):
    """RFC 1939 section 6."""
    uids = drop.uids()
    drop.ok("DELE 1")
    if end == "reset":
        drop.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               b"\1\0\0\0\0\0\0\0")
    if end == "rset":
        drop.ok("RSET")
        drop.quit()
    drop.close()
    pop = server.pop3(user)
    assert pop.uids() == uids
    pop.quit()


def test_unique_ids_stay(server, user, drop):
    """Over sessions, restarts, and what happens to other messages."""
    uids = drop.uids()
    drop.ok("DELE 2")
    drop.quit()
    append(server, user, SMALL)
    pop = server.pop3(user)
    found = pop.uids()
    pop.quit()
    assert [found[1], found[2]] == [uids[1], uids[3]]
    assert found[3] not in uids.values()


def test_unique_ids_stay_over_a_restart(fresh_server):
    user = fresh_server.add_user()
    append(fresh_server, user, SMALL, SMALL)
    pop = fresh_server.pop3(user)
    uids = pop.uids()
    pop.quit()
    fresh_server.stop()
    fresh_server.start()
    pop = fresh_server.pop3(user)
    assert pop.uids() == uids
    pop.quit()


def test_removed_is_durable(fresh_server):
    """The +OK to QUIT comes after the change is on disk."""
    user = fresh_server.add_user()
    append(fresh_server, user, SMALL, SMALL)
    pop = fresh_server.pop3(user)
    uids = pop.uids()
    pop.ok("DELE 1")
    pop.ok("QUIT")
    fresh_server.kill()
    fresh_server.start()
    pop = fresh_server.pop3(user)
    assert pop.uids() == {1: uids[2]}
    pop.quit()


def test_seen(server, user, drop):
    """What was retrieved is \\Seen when the session ends well; TOP is only a
    look."""
    drop.many("RETR 1")
    drop.many("TOP 2 100")
    assert flags_of(server, user) == [[], [], []]
    drop.quit()
    assert flags_of(server, user) == [["\\Seen"], [], []]


def test_not_seen_without_quit(server, user, drop):
    drop.many("RETR 1")
    drop.close()
    pop = server.pop3(user)
    pop.quit()
    assert flags_of(server, user) == [[], [], []]


def test_capabilities_after_login(drop):
    """What was announced before is announced still, but for STLS, whose
    command is over (RFC 2449 section 5, RFC 2595 section 4)."""
    names = drop.capabilities()
    assert names[:3] == ["TOP", "UIDL", "USER"]
    assert any(name.startswith("SASL ") and " PLAIN" in name
               for name in names)
    assert "STLS" not in names


# -- bad input --------------------------------------------------------------

@pytest.mark.parametrize("command", [
    "RETR 0", "RETR -1", "RETR 4294967297", "RETR 4", "RETR", "RETR x",
    "RETR 1 1", "TOP 1 -1", "TOP 1 999999999999", "TOP 1", "TOP 9 1",
    "UIDL 0", "UIDL 4", "LIST 0", "LIST 4294967296", "DELE 4", "DELE -0",
    "STAT 1", "STLS", "USER x", "PASS x", "AUTH PLAIN", "APOP a b", "XYZZY",
    "RETR\t1", "RETR  1"])
def test_refused(drop, command):
    """The next command has its own answer."""
    drop.err(command)
    assert drop.ok("STAT").startswith("3 ")


def test_line_too_long(drop):
    drop.send(b"RETR 1" + b" " * 100000 + b"\r\nSTAT\r\n")
    assert not drop.status().ok
    assert drop.status().text.startswith("3 ")


def test_line_ends(drop):
    """CRLF only; a line with another one in it is refused as a whole."""
    drop.send(b"STAT\nDELE 1\r\nSTAT\r\r\n\r\nSTAT\r\n")
    assert not drop.status().ok
    assert not drop.status().ok
    assert drop.status().text.startswith("3 ")


def test_nul(drop):
    drop.send(b"STAT\0\r\nSTAT\r\n")
    assert not drop.status().ok
    assert drop.status().ok


def test_many_bad_commands_end_it(drop):
    drop.send(b"XYZZY\r\n" * 20)
    for _ in range(20):
        assert not drop.status().ok
    drop.expect_end()


def test_good_commands_forgive(drop):
    for _ in range(3):
        for _ in range(19):
            drop.err("XYZZY")
        drop.ok("NOOP")


# -- octets -----------------------------------------------------------------

BODIES = [
    (b".\r\n", b".\r\n"),
    (b"..\r\n.\r\n.a\r\n", b"..\r\n.\r\n.a\r\n"),
    (b"a\r\n.\r\n", b"a\r\n.\r\n"),
    (b"no end", b"no end\r\n"),
    (b".", b".\r\n"),
    (b"", b""),
    (b"\r\n\r\n", b"\r\n\r\n"),
    (b"a\n.\nb\n", b"a\r\n.\r\nb\r\n"),
    (b"a\r\n.\n.\r\n", b"a\r\n.\r\n.\r\n"),
    (b"a\rb\r\n", b"a\rb\r\n"),
    (b"a\r", b"a\r\n"),
    (b"\xc3\xa9\xff\x80\r\n", b"\xc3\xa9\xff\x80\r\n"),
    (b".x" * 40000 + b"\r\n" + b".\r\n" * 40000,
     b".x" * 40000 + b"\r\n" + b".\r\n" * 40000),
    (b"\n" * 70000, b"\r\n" * 70000),
    (b"." + b"y" * 200000, b"." + b"y" * 200000 + b"\r\n"),
]


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_octets(server, user, source, number):
    """RETR is the message, with CRLF for a bare LF and at the end; LIST has
    the size of that."""
    body, want = BODIES[number]
    append(server, user, HEADER + b"\r\n" + body)
    pop = server.pop3(user, source=source)
    size = len(HEADER) + 2 + len(want)
    assert pop.ok("RETR 1") == "%d octets" % size
    assert pop.rest() == HEADER + b"\r\n" + want
    assert pop.ok("LIST 1") == "1 %d" % size
    assert pop.ok("STAT") == "1 %d" % size
    assert pop.many("TOP 1 4000000000") == HEADER + b"\r\n" + want
    pop.quit()


@pytest.mark.parametrize("message, want", [
    (b"Subject: x\r\n", b"Subject: x\r\n\r\n"),
    (b"Subject: x", b"Subject: x\r\n\r\n"),
    (b"\r\nbody\r\n", b"\r\n"),
    (b"A: b\nC: d\n\nbody\n", b"A: b\r\nC: d\r\n\r\n")])
def test_top_0_has_the_empty_line(server, user, source, message, want):
    append(server, user, message)
    pop = server.pop3(user, source=source)
    assert pop.many("TOP 1 0") == want
    pop.quit()


# -- pipelining ---------------------------------------------------------------

def test_many_in_a_row(server, user, source):
    """A thousand long answers asked for at once: no more than a few messages
    are open, and each comes whole."""
    message = HEADER + b"\r\n" + b".0123456789abcdef\r\n" * 5000
    append(server, user, message)
    pop = server.pop3(user, source=source)
    pop.send(b"RETR 1\r\n" * 200)
    for _ in range(200):
        assert pop.status().ok and pop.rest() == message
    pop.quit()


def test_quit_waits_for_what_was_asked_before(server, user, source):
    """A client that is cut off before it has read the message finds it the next
    time, though DELE and QUIT came with RETR."""
    message = HEADER + b"\r\n" + b".0123456789abcdef\r\n" * 500000
    append(server, user, message)
    pop = server.pop3(user, source=source)
    pop.send(b"RETR 1\r\nDELE 1\r\nQUIT\r\n")
    assert pop.status().ok
    time.sleep(0.5)
    assert len(flags_of(server, user)) == 1
    pop.close()
    pop = server.pop3(user, source=source)
    pop.send(b"RETR 1\r\nDELE 1\r\nQUIT\r\n")
    assert pop.status().ok and pop.rest() == message
    assert pop.status().ok and pop.status().ok
    pop.expect_end()
    assert flags_of(server, user) == []


# -- others -------------------------------------------------------------------

def test_slow_readers_hold_no_thread(source):
    """More clients that do not read than there are workers: another one is
    served, and they get all in the end."""
    server = Server(more="workers = 2").start()
    user = server.add_user()
    message = HEADER + b"\r\n" + b".0123456789abcdef\r\n" * 400000
    append(server, user, message)
    slow = [server.pop3(user, source=source) for _ in range(6)]
    for pop in slow:
        pop.send(b"RETR 1\r\n")
    time.sleep(0.5)
    quick = server.pop3(user, source=source)
    assert quick.ok("STAT") == "1 %d" % len(message)
    quick.quit()
    for pop in slow:
        assert pop.status().ok and pop.rest() == message
        pop.quit()
    server.stop()
    server.remove()


def test_shutdown_removes_nothing(fresh_server):
    user = fresh_server.add_user()
    append(fresh_server, user, SMALL)
    pop = fresh_server.pop3(user)
    uids = pop.uids()
    pop.ok("DELE 1")
    fresh_server.stop()
    pop.expect_end()        # and nothing is said, since nothing was asked
    fresh_server.start()
    pop = fresh_server.pop3(user)
    assert pop.uids() == uids
    pop.quit()


def test_log(server, user, drop):
    drop.many("RETR 1")
    drop.ok("DELE 1")
    drop.quit()
    pattern = re.compile("event=session-end protocol=pop3 user=%s .* commands=3 "
                         "retrieved=1 removed=1 why=quit" % user)
    deadline = time.monotonic() + 20
    while not any(pattern.search(line) for line in server.lines):
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.01)
