# SPDX-License-Identifier: MIT
"""Rule 36: what POP3 clients rely on."""

import re

import pytest

from lib.server import PASSWORD, Server

MESSAGE = b"Subject: x\r\n\r\n.dot\r\n..\r\nlone\nend"
SENT = b"Subject: x\r\n\r\n.dot\r\n..\r\nlone\r\nend\r\n"
WITH_NUL = b"Subject: x\0y\r\n\r\n\0a\0\0\r\n" + b"b\0\r\n" * 50000


def put(server, user, message):
    """As literal8, which may hold NUL."""
    connection = server.login(user)
    connection.send(b"a1 APPEND INBOX ~{%d+}\r\n%s\r\n" %
                    (len(message), message))
    assert connection.read_until("a1")[1].name == "OK"
    connection.close()


@pytest.mark.parametrize("listener", ["pop3", "pop3s"])
def test_auth_lists_mechanisms(server, source, listener):
    """With and without the blank that Outlook sends."""
    pop = server.pop3(listener=listener, source=source)
    listed = pop.many("AUTH")
    assert b"PLAIN\r\n" in listed and b"SCRAM-SHA-256\r\n" in listed
    assert pop.many("AUTH ") == listed
    pop.close()


def test_unique_ids(server, user, source):
    """Short, printable, each once, and the same another time."""
    for _ in range(3):
        put(server, user, MESSAGE)
    pop = server.pop3(user, source=source)
    uids = pop.uids()
    assert all(re.match(r"[!-~]{1,70}\Z", uid) for uid in uids.values())
    assert len(set(uids.values())) == 3
    pop.ok("DELE 1")
    pop.quit()
    put(server, user, MESSAGE)
    pop = server.pop3(user, source=source)
    again = pop.uids()
    assert [again[1], again[2]] == [uids[2], uids[3]]
    assert again[3] not in uids.values()
    pop.quit()


def test_lines(server, user, source):
    """TOP of no lines ends with the empty one; dots are doubled (the client
    here takes them off); a lone LF is sent as a line end."""
    put(server, user, MESSAGE)
    pop = server.pop3(user, source=source)
    assert pop.many("TOP 1 0") == b"Subject: x\r\n\r\n"
    assert pop.many("RETR 1") == SENT
    pop.start("RETR 1")
    assert pop.status().ok
    lines = [pop.line() for _ in range(7)]
    assert lines[2:4] == [b"..dot\r\n", b"...\r\n"]
    assert lines[-1] == b".\r\n"
    pop.quit()


@pytest.mark.parametrize("listener", ["pop3", "pop3s"])
def test_end_comes_in_one_piece(server, user, source, listener):
    """However long the message is, the line that ends it is not cut, where the
    sizes of our buffers and of TLS records would do that."""
    connection = server.login(user)
    sizes = [size + more for size in (8192, 16384, 65536)
             for more in range(-60, 8)]
    for size in sizes:
        connection.append("INBOX", b"A: b\r\n\r\n" + b"x" * (size - 10) +
                          b"\r\n")
    connection.close()
    pop = server.pop3(user, listener=listener, source=source)
    cut = 0
    for number in range(1, len(sizes) + 1):
        pop.start("RETR %d" % number)
        got = b""
        while not got.endswith(b"\r\n.\r\n"):
            piece = pop.socket.recv(1 << 20)
            got += piece
            cut += len(piece) < 3
    assert cut == 0
    pop.close()


@pytest.fixture(name="hiding", scope="module")
def start_hiding():
    made = Server(more="pop3_hide_nul = true;").start()
    yield made
    made.stop()
    made.remove()


def test_nul_is_hidden(hiding):
    user = hiding.add_user()
    put(hiding, user, WITH_NUL)
    pop = hiding.pop3(user)
    hidden = WITH_NUL.replace(b"\0", b"\x80")
    assert pop.ok("RETR 1") == "%d octets" % len(WITH_NUL)
    assert pop.rest() == hidden
    assert pop.many("TOP 1 1") == \
        hidden[:hidden.index(b"\r\nb") + 2]
    pop.quit()
    # Only there: IMAP has what came in.
    connection = hiding.login(user)
    connection.ok("SELECT INBOX")
    assert connection.ok("FETCH 1 BINARY.PEEK[]")[0].data["BINARY[]"] == \
        WITH_NUL
    connection.close()


def test_nul_is_kept(server, user, source):
    put(server, user, WITH_NUL)
    pop = server.pop3(source=source)
    pop.login(user, PASSWORD)
    assert pop.many("RETR 1") == WITH_NUL
    pop.quit()
