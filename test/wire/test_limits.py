# SPDX-License-Identifier: MIT
"""What is too long, too many or too much is refused, and hurts nobody else."""

import pytest

from lib.server import Server
from lib.shared import new_source

MESSAGE = b"Subject: x\r\n\r\nx\r\n"


@pytest.fixture
def connection(server, source, user):
    made = server.login(user, "imap", source)
    yield made
    made.close()


def test_bad_commands_are_forgiven(connection):
    """A good command shows that the client is none of these."""
    for _ in range(3):
        for _ in range(15):
            connection.send(b"x XYZZY\r\n")
            assert connection.read().name == "BAD"
        connection.ok("NOOP")


def test_last_bad_command_in_idle(connection):
    """The goodbye comes behind the answer, which has its tag."""
    for _ in range(19):
        connection.send(b"x XYZZY\r\n")
        assert connection.read().name == "BAD"
    connection.send(b"i IDLE\r\n")
    assert connection.read().tag == "+"
    connection.send(b"XYZZY\r\n")
    response = connection.read()
    assert (response.tag, response.name) == ("i", "BAD")
    assert connection.read().name == "BYE"
    connection.expect_end()


def test_many_commands_in_one_packet(connection):
    """Answered in order, whatever comes at once."""
    count = 3000
    connection.send(b"".join(b"n%d NOOP\r\n" % n for n in range(count)))
    for number in range(count):
        response = connection.read()
        assert (response.tag, response.name) == ("n%d" % number, "OK")


def test_client_that_does_not_read(server, connection, source, user):
    """Output waits for its client without holding up others."""
    connection.append("INBOX", b"Subject: big\r\n\r\n" + b"x" * 78 * 20000)
    connection.ok("SELECT INBOX")
    for number in range(40):
        connection.send(b"f%d FETCH 1 BODY.PEEK[]\r\n" % number)
    other = server.login(user, "imap", source)
    other.ok("SELECT INBOX")
    other.close()
    for number in range(40):
        untagged, tagged = connection.read_until("f%d" % number)
        assert tagged.name == "OK"
        assert len(untagged[-1].data["BODY[]"]) == 16 + 78 * 20000


def test_stalled_appends_hold_nobody_up():
    """More APPENDs than there are workers, whose octets never come."""
    server = Server(more="workers = 8").start()
    try:
        user = server.add_user()
        other = server.login(user, "imap", new_source())
        stalled = [server.login(user, "imap", new_source())
                   for _ in range(12)]
        for connection in stalled:
            connection.send(b"a APPEND INBOX {1000}\r\n")
        for connection in stalled[:3]:
            assert connection.read().tag == "+"
        for _ in range(3):
            other.ok("SELECT INBOX")
        for connection in stalled + [other]:
            connection.close()
        server.stop()
        assert not server.problem()
    finally:
        server.kill()
        server.remove()


def test_too_many_keywords(connection):
    """RFC 5530: LIMIT; what was there stays."""
    connection.append("INBOX", MESSAGE, "(first)")
    connection.ok("SELECT INBOX")
    many = " ".join("k%d" % n for n in range(500))
    _, tagged = connection.command("STORE 1 +FLAGS (%s)" % many)
    assert (tagged.name, tagged.code_name) == ("NO", "LIMIT")
    untagged = connection.ok("FETCH 1 FLAGS")
    assert set(untagged[-1].data["FLAGS"]) - {"\\Recent"} == {"first"}


def test_long_keyword(connection):
    connection.append("INBOX", MESSAGE)
    connection.ok("SELECT INBOX")
    _, tagged = connection.command("STORE 1 +FLAGS (%s)" % ("k" * 10000))
    assert tagged.name in ("NO", "BAD")
    connection.ok("NOOP")


@pytest.mark.parametrize("keyword", ["a]", "a(b", "a)", 'a"', "a\\b", "a{b",
                                     "a%", "a*", "gr\u00fcn", "a\x7f"])
def test_keywords_that_are_no_atoms(connection, keyword):
    connection.append("INBOX", MESSAGE)
    connection.ok("SELECT INBOX")
    _, tagged = connection.command("STORE 1 +FLAGS (%s)" % keyword)
    assert tagged.name == "BAD"
    connection.ok("NOOP")


def test_many_id_fields(connection):
    """RFC 2971 section 3.3: at most 30 fields; whatever more brings, the
    session goes on."""
    fields = " ".join('"f%d" "v"' % n for n in range(100))
    _, tagged = connection.command("ID (%s)" % fields)
    assert tagged.name in ("OK", "BAD")
    _, tagged = connection.command('ID ("name" "%s")' % ("x" * 2000))
    assert tagged.name in ("OK", "BAD")
    connection.ok("NOOP")


def test_many_enable_words(connection):
    connection.ok("ENABLE " + " ".join("X%d" % n for n in range(3000)))


def test_many_patterns(connection):
    patterns = " ".join('"p%d"' % n for n in range(3000))
    _, tagged = connection.command('LIST "" (%s)' % patterns)
    assert tagged.name in ("OK", "NO", "BAD")
    connection.ok("NOOP")


def test_append_over_the_limit(connection):
    """RFC 7889: the limit that is announced is the one that holds."""
    untagged = connection.ok("STATUS INBOX (APPENDLIMIT)")
    limit = untagged[0].data[1]["APPENDLIMIT"]
    untagged = connection.ok("CAPABILITY")
    assert "APPENDLIMIT=%d" % limit in untagged[0].data
    _, tagged = connection.command("APPEND INBOX {%d}" % (limit + 1))
    assert (tagged.name, tagged.code_name) == ("NO", "TOOBIG")
    connection.ok("NOOP")


def test_append_over_the_limit_without_waiting():
    """With LITERAL+ the octets come anyway: swallowed, or the end."""
    server = Server(more="message_size_max = 65536;").start()
    try:
        user = server.add_user()
        connection = server.login(user)
        try:
            connection.send(b"a APPEND INBOX {100000+}\r\n" + b"x" * 100000 +
                            b"\r\n")
            tagged = connection.read()
            assert tagged.name in ("NO", "BYE")
            if tagged.name == "NO":
                assert tagged.code_name == "TOOBIG"
                connection.ok("NOOP")
        except (BrokenPipeError, ConnectionResetError):
            pass
        connection.close()
        again = server.login(user)
        untagged = again.ok("STATUS INBOX (MESSAGES)")
        assert untagged[0].data[1]["MESSAGES"] == 0
        again.append("INBOX", b"x" * 60000)
        again.close()
        server.stop()
    finally:
        if server.alive():
            server.kill()
        server.remove()


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_commands_in_pieces(server, source, user, size):
    """RFC 9051 section 4: a stream, whatever the packets are."""
    connection = server.login(user, "imap", source)
    text = (b"a1 NOOP\r\na2 CREATE {3+}\r\none\r\na3 APPEND one (\\Seen) {17+}"
            b"\r\nSubject: x\r\n\r\nx\r\n\r\na4 SELECT one\r\n"
            b"a5 FETCH 1 BODY[TEXT]\r\na6 IDLE\r\nDONE\r\na7 LOGOUT\r\n")
    for at in range(0, len(text), size):
        connection.send(text[at:at + size])
    tags = []
    while len(tags) < 8:
        response = connection.read()
        if response.tag != "*":
            tags.append(response.tag)
            assert response.name in ("OK", ""), response
    assert tags == ["a1", "a2", "a3", "a4", "a5", "+", "a6", "a7"]
    connection.expect_end()
