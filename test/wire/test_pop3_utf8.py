# SPDX-License-Identifier: MIT
"""UTF8 of POP3 (RFC 6856), which is a setting, and how things are without."""

import pytest

from lib.server import PASSWORD, Server

ASCII = b"From: a@example.org\r\nSubject: plain\r\n\r\nbody \xc3\xa9\r\n"
UTF8 = b"From: j\xc3\xbcrgen@example.org\r\nSubject: \xe2\x82\xac\r\n\r\nx\r\n"
INNER = (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
         b"Content-Type: text/plain; name=\xc3\xa9\r\n\r\nx\r\n--b--\r\n")


def fill(server, user):
    client = server.login(user)
    for message in (ASCII, UTF8, INNER):
        client.append("INBOX", message)
    client.close()


@pytest.fixture(scope="module", name="utf8_server")
def start_utf8_server():
    server = Server(more="pop3_utf8 = true").start()
    yield server
    server.stop()
    server.remove()


@pytest.fixture(name="utf8_user")
def add_utf8_user(utf8_server):
    name = utf8_server.add_user()
    fill(utf8_server, name)
    return name


def test_not_offered(server, user, source):
    """Messages go out as they are."""
    fill(server, user)
    pop = server.pop3(source=source)
    assert not any(name.startswith("UTF8") for name in pop.capabilities())
    pop.err("UTF8")
    pop.login(user, PASSWORD)
    assert [pop.many("RETR %d" % n) for n in (1, 2, 3)] \
        == [ASCII, UTF8, INNER]
    pop.quit()


def test_asked_for(utf8_server, utf8_user):
    pop = utf8_server.pop3()
    assert "UTF8 USER" in pop.capabilities()
    pop.ok("UTF8")
    pop.login(utf8_user, PASSWORD)
    assert "UTF8 USER" in pop.capabilities()
    assert [pop.many("RETR %d" % n) for n in (1, 2, 3)] \
        == [ASCII, UTF8, INNER]
    assert pop.sizes() == {1: len(ASCII), 2: len(UTF8), 3: len(INNER)}
    pop.quit()


def test_not_asked_for(utf8_server, utf8_user):
    """8-bit text in the body has a charset and is nobody's matter; in a header
    of any part it is refused, and the session goes on."""
    pop = utf8_server.pop3(utf8_user)
    assert pop.many("RETR 1") == ASCII
    for command in ("RETR 2", "TOP 2 0", "RETR 3", "TOP 3 1"):
        assert pop.err(command).code == "UTF8"
    pop.ok("DELE 2")
    pop.quit()


def test_delivered_with_a_utf8_path(utf8_server):
    """What delivery puts before the message belongs to its header."""
    user = utf8_server.add_user()
    client = utf8_server.lmtp()
    client.command_encoding = "utf-8"
    client.ehlo_or_helo_if_needed()
    client.mail("j\u00fcrgen@example.org", ["SMTPUTF8"])
    client.rcpt(user)
    client.data(b"Subject: plain\r\n\r\nx\r\n")
    client.quit()
    pop = utf8_server.pop3(user)
    assert pop.err("RETR 1").code == "UTF8"
    pop.quit()
    pop = utf8_server.pop3()
    pop.ok("UTF8")
    pop.login(user, PASSWORD)
    assert "j\u00fcrgen" in pop.many("RETR 1").decode()
    pop.quit()


def test_forgotten_at_stls(utf8_server, utf8_user):
    pop = utf8_server.pop3()
    pop.ok("UTF8")
    pop.ok("STLS")
    pop.start_tls()
    pop.login(utf8_user, PASSWORD)
    assert pop.err("RETR 2").code == "UTF8"
    pop.quit()


def test_only_before_login(utf8_server, utf8_user):
    pop = utf8_server.pop3(utf8_user)
    pop.err("UTF8")
    pop.quit()


@pytest.mark.parametrize("octets", [b"\xff", b"\xc3", b"\xed\xa0\x80"])
def test_names_and_passwords_are_utf8(utf8_server, utf8_user, octets):
    pop = utf8_server.pop3(listener="pop3s")
    pop.send(b"USER " + octets + b"\r\n")
    assert pop.status().code is None and not pop.input
    pop.ok("USER " + utf8_user)
    pop.send(b"PASS " + octets + b"\r\n")
    assert pop.status().text == "Arguments not valid"
    pop.ok("PASS " + PASSWORD)
    pop.quit()


def test_utf8_name_and_password(utf8_server):
    name, password = "j\u00fcrgen", "gr\u00fc\u00df dich"
    done = utf8_server.tool("user", "add", name, text=password + "\n")
    assert done.returncode == 0, done.stderr
    pop = utf8_server.pop3(listener="pop3s")
    pop.login(name, password)
    pop.quit()
